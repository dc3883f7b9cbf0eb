import { expect, test } from 'vitest'
import {
  readExchanges,
  readReadme,
  readTradebotctl,
  withCommands,
  withGeneratedParts,
  withRecipes,
} from './docs.ts'

test('README.md says what the code knows of lifecycle and settings; `node scripts/docs.ts` writes it anew', () => {
  expect(withGeneratedParts(readReadme())).toBe(readReadme())
})

test('docs/exchanges.md says what the recipes are', () => {
  expect(withRecipes(readExchanges())).toBe(readExchanges())
})

test('docs/tradebotctl.md says what each command takes and answers', () => {
  expect(withCommands(readTradebotctl())).toBe(readTradebotctl())
})

test('a README that drifted is noticed', () => {
  const drifted = readReadme().replace('| PENDING |', '| PENDING (soon) |')
  expect(drifted).not.toBe(readReadme())
  expect(withGeneratedParts(drifted)).toBe(readReadme())
})
