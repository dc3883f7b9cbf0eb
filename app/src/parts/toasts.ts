import { createSignal } from 'solid-js'

export type Toast = { id: number; tone: 'ok' | 'danger' | 'info'; message: string }

const shownMs = { ok: 5_000, info: 6_000, danger: 12_000 }
const [toasts, setToasts] = createSignal<readonly Toast[]>([])
let lastId = 0

export { toasts }

/** A message that passes. The same message twice at a time is shown once. */
export function showToast(toast: Omit<Toast, 'id'>): void {
  const twin = toasts().find((one) => one.message === toast.message)
  if (twin) return
  const id = ++lastId
  setToasts((all) => [...all.slice(-3), { ...toast, id }])
  setTimeout(() => dismissToast(id), shownMs[toast.tone])
}

export function dismissToast(id: number): void {
  setToasts((all) => all.filter((toast) => toast.id !== id))
}
