/** The environment is wrong. `problems` are whole sentences; each starts with the name of a variable or file. */
export class EnvError extends Error {
  readonly problems: string[]
  constructor(problems: string[]) {
    super(problems.join('\n'))
    this.name = 'EnvError'
    this.problems = problems
  }
}
