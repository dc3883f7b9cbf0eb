import { CouldNotError } from '../frame/errors.ts'

export type Status = 'ok' | 'warning' | 'bad' | 'unknown'

/** One thing that was looked at. `advice`: what to do, where it is not well. */
export type Check = { id: string; status: Status; found: string; advice: string | null }

export type Group = { title: string; checks: Check[] }

export function ok(id: string, found: string): Check {
  return { id, status: 'ok', found, advice: null }
}

export function warning(id: string, found: string, advice: string): Check {
  return { id, status: 'warning', found, advice }
}

export function bad(id: string, found: string, advice: string): Check {
  return { id, status: 'bad', found, advice }
}

export function unknown(id: string, found: string, advice: string): Check {
  return { id, status: 'unknown', found, advice }
}

/** What cannot be looked at must not keep the rest from being told. */
export async function tryCheck(id: string, look: () => Promise<Check[]> | Check[]): Promise<Check[]> {
  try {
    return await look()
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    const hint = error instanceof CouldNotError ? error.hint : undefined
    return [unknown(id, words, hint ?? 'Mend what this says, and run doctor again.')]
  }
}

/** "3 minutes", for people. */
export function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} minutes`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} hours` : `${Math.round(seconds / 86_400)} days`
}
