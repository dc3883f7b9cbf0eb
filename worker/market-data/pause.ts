/** Waits that can be cut short; one at a time. */
export type Pause = { wait(ms: number): Promise<void>; end(): void }

export function makePause(): Pause {
  let pause: { timer: NodeJS.Timeout; end: () => void } | null = null
  return {
    wait(ms) {
      return new Promise((resolve) => {
        const end = () => {
          if (pause !== null) clearTimeout(pause.timer)
          pause = null
          resolve()
        }
        pause = { timer: setTimeout(end, ms), end }
      })
    },
    end: () => pause?.end(),
  }
}
