import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { environmentTable } from '#trading/config/env.ts'
import { DENIALS } from '#trading/domain/denials.ts'
import { lifecycleTable } from '#trading/domain/lifecycle-table.ts'
import { STRATEGIES } from '#trading/domain/strategies/index.ts'
import { venueDetails, venueTable } from '#trading/domain/venue-table.ts'
import { commandReference, commandTable } from './tradebotctl/reference.ts'

const readme = path.join(import.meta.dirname, '..', 'README.md')
const exchanges = path.join(import.meta.dirname, '..', 'docs', 'exchanges.md')
const tradebotctl = path.join(import.meta.dirname, '..', 'docs', 'tradebotctl.md')

/** What README.md must say of what the code knows: lifecycle, strategies, reasons for refusals, exchanges, commands, settings. */
export function withGeneratedParts(text: string): string {
  const parts = {
    lifecycle: lifecycleTable(),
    strategies: strategyTable(),
    denials: denialTable(),
    venues: venueTable(),
    commands: commandTable(),
    environment: environmentTable(),
  }
  return Object.entries(parts).reduce((filled, [part, content]) => fill(filled, part, content), text)
}

export function readReadme(): string {
  return readFileSync(readme, 'utf8')
}

function strategyTable(): string {
  const rows = STRATEGIES.map(({ id, description, fields, parameters }) => {
    const own = parameters.map((parameter) => `${parameter.name} (${parameter.default})`)
    return `| \`${id}\` | ${description} | ${[...fields, ...own].join(', ')} |`
  })
  return ['| strategy | what it does | what it reads |', '|---|---|---|', ...rows].join('\n')
}

function denialTable(): string {
  const rows = Object.entries(DENIALS).map(([code, { help }]) => `| \`${code}\` | ${help} |`)
  return ['| code | meaning |', '|---|---|', ...rows].join('\n')
}

function fill(text: string, part: string, content: string): string {
  const pattern = new RegExp(`(<!-- ${part}: [^\\n]*-->\\n)[\\s\\S]*?(<!-- /${part} -->)`)
  if (!pattern.test(text)) throw new Error(`There is no place for the ${part} table`)
  return text.replace(pattern, (_, start: string, end: string) => `${start}\n${content.trim()}\n\n${end}`)
}

/** docs/exchanges.md with the recipes that the code goes by. */
export function withRecipes(text: string): string {
  return fill(text, 'recipes', venueDetails())
}

export function readExchanges(): string {
  return readFileSync(exchanges, 'utf8')
}

/** docs/tradebotctl.md with what each command takes and answers. */
export function withCommands(text: string): string {
  return fill(text, 'commands', commandReference())
}

export function readTradebotctl(): string {
  return readFileSync(tradebotctl, 'utf8')
}

if (import.meta.main) {
  writeFileSync(readme, withGeneratedParts(readReadme()))
  writeFileSync(exchanges, withRecipes(readExchanges()))
  writeFileSync(tradebotctl, withCommands(readTradebotctl()))
}
