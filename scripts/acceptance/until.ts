/** Asks again and again until the answer is neither false, null nor undefined. @throws Error that says what did not come, and what was last seen */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  timeoutMs = 30_000,
  everyMs = 100,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== false && answer !== null && answer !== undefined)
      return answer as NonNullable<Exclude<T, false>>
    if (performance.now() > deadline)
      throw new Error(`In ${timeoutMs / 1000} s it did not come that ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

export const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000))
