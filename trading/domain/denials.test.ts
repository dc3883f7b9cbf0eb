import { expect, test } from 'vitest'
import { DENIALS, type Denial, forgetDenial, forgetEnded, noteDenial } from './denials.ts'

const halted: Denial = { code: 'TRADING_HALTED', message: 'trading is halted.' }
const poor: Denial = { code: 'BALANCE_INSUFFICIENT', message: '3 USDT are free.' }
const ran: Denial = { code: 'PRICE_OUTSIDE_COLLAR', message: 'the price moved.' }
const blank = () => ({ notice: null as string | null, noticeMessage: null as string | null })

test('a reason is news when it begins, and again only after it has ended', () => {
  const state = blank()
  expect(noteDenial(state, halted)).toBe(true)
  expect(noteDenial(state, { ...halted, message: 'still halted.' })).toBe(false)
  expect(state).toEqual({ notice: 'TRADING_HALTED', noticeMessage: 'still halted.' })
  forgetEnded(state, halted)
  expect(noteDenial(state, halted)).toBe(false)
  forgetEnded(state, null)
  expect(state).toEqual(blank())
  expect(noteDenial(state, halted)).toBe(true)
})

test('what is true of one order alone is news with each', () => {
  const state = blank()
  expect([noteDenial(state, ran), noteDenial(state, ran)]).toEqual([true, true])
})

test('what only a claim can see lasts through ticks, until an entry is let through', () => {
  const state = blank()
  noteDenial(state, poor)
  forgetEnded(state, null)
  expect(state.notice).toBe('BALANCE_INSUFFICIENT')
  expect(noteDenial(state, poor)).toBe(false)
  forgetDenial(state)
  expect(noteDenial(state, poor)).toBe(true)
})

test('a notice of another kind is not touched', () => {
  const state = { notice: 'SOMETHING_ELSE', noticeMessage: 'said by another part' }
  forgetEnded(state, null)
  expect(state.notice).toBe('SOMETHING_ELSE')
})

test('each code is CATEGORY_CONDITION and says in a sentence what it means', () => {
  for (const [code, { help }] of Object.entries(DENIALS)) {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/)
    expect(help).toMatch(/^[A-Za-z].*\.$/)
  }
})
