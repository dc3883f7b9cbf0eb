import pico from 'picocolors'

export type Paint = {
  good: (text: string) => string
  bad: (text: string) => string
  warn: (text: string) => string
  strong: (text: string) => string
  faint: (text: string) => string
}

/** Colours for a terminal; the text itself anywhere else, and where NO_COLOR is set. Meaning is never in the colour alone. */
export function makePaint(isTerminal: boolean, env: NodeJS.ProcessEnv): Paint {
  const colours = pico.createColors(isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb')
  return {
    good: colours.green,
    bad: colours.red,
    warn: colours.yellow,
    strong: colours.bold,
    faint: colours.dim,
  }
}
