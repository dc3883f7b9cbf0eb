import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { aPosition, anOrder, lead } from '#trading/store/bot.fixture.ts'
import { botInput, CREATE_BOT, withTestServer } from '#server/testing.ts'
import { type RunOptions, tradebotctl } from '../testing/run.ts'
import { actResult, createResult, haltResult, listResult, ordersResult, showResult } from './shapes.ts'

/** Each run is a process of its own. */
vi.setConfig({ testTimeout: 120_000 })

const server = withTestServer()
const folder = mkdtempSync(path.join(tmpdir(), 'tradebotctl-bots-'))
afterAll(() => rmSync(folder, { recursive: true }))

let token = ''
let me: Awaited<ReturnType<typeof server.account>>
const bots = new Map<string, string>()

/** With a token in the environment, as a script would have it. */
function run(args: string[], more: RunOptions = {}) {
  return tradebotctl(args, {
    ...more,
    env: {
      TRADEBOT_DATA_DIR: folder,
      TRADEBOT_URL: server.url(),
      TRADEBOT_TOKEN: token,
      ...more.env,
    },
  })
}

async function aBot(name: string, changes: object = {}): Promise<string> {
  const { data } = await me.run(CREATE_BOT, { input: botInput({ name, ...changes }) })
  const id = z.string().parse(data.createBot.id)
  bots.set(name, id)
  return id
}

function idOf(name: string): string {
  return bots.get(name) ?? ''
}

beforeAll(async () => {
  me = await server.account('trader')
  const issued = await me.run(
    'mutation { createApiToken(name: "script") { ... on IssuedApiToken { token } } }',
  )
  token = z.string().parse(issued.data.createApiToken.token)
})

test('without a bot the list says how to make one, and the template is an input that the server takes', async () => {
  const [empty, orders, template] = await Promise.all([
    run(['bots', 'list']),
    run(['orders']),
    run(['bots', 'create', '--template']),
  ])
  expect(empty).toMatchObject({ code: 0, stderr: '' })
  expect(empty.stdout).toContain('tradebotctl bots create --template')
  expect(orders.stdout).toContain('There is no order yet.')
  const file = path.join(folder, 'bot.json')
  writeFileSync(file, template.stdout)
  const checked = await run(['bots', 'create', '--file', file, '--check', '--json'])
  expect(checked.code).toBe(0)
  expect(createResult.parse(checked.json().result)).toEqual({ checked: true, bot: null, template: null })
  // Nothing but the strokes before the names is taken away.
  writeFileSync(file, template.stdout.replace(/^ {2}\/\/ (?=")/gm, '  '))
  const all = await run(['bots', 'create', '--file', file, '--check'])
  expect(all).toMatchObject({ code: 0, stderr: '' })
  const created = await run(
    ['bots', 'create', '--file', '-', '--set', 'name=From a file', 'emaFast=9', '--start'],
    {
      stdin: template.stdout,
    },
  )
  expect(created).toMatchObject({ code: 0, stderr: '' })
  expect(created.stdout).toMatch(/^From a file \(\d+\): created and started, PENDING\.\n$/)
  const { rows } = await server.db.pool.query(
    `SELECT id, ema_fast FROM bot_configs WHERE name = 'From a file'`,
  )
  expect(rows).toMatchObject([{ ema_fast: 9 }])
  bots.set('From a file', String(rows[0].id))
  await run(['bots', 'stop', 'From a file'])
})

test('every rule that a new bot breaks is told on a line, with exit code 2, and nothing is saved', async () => {
  const set = ['name=Bad', 'exchange=sandbox', 'symbol=BTC/USDT', 'timeframe=1m', 'initialCapital=1000']
  const wrong = [...set, 'positionSizeFixed=0', 'stopLossPerc=0', 'takeProfitPerc=4']
  const [local, refused, document] = await Promise.all([
    run(['bots', 'create', '--set', ...set, 'leverge=2', 'emaFast=many']),
    run(['bots', 'create', '--set', ...wrong]),
    run(['bots', 'create', '--check', '--json', '--set', ...wrong]),
  ])
  expect(local.code).toBe(2)
  expect(local.stderr).toContain('A bot has no setting "leverge"; did you mean leverage?\n')
  expect(local.stderr).toContain('--set emaFast: "many" is no whole number.\n')
  expect(local.stderr).toContain('stopLossPerc is missing')
  expect(refused.code).toBe(2)
  expect(refused.stderr).toMatch(/^positionSizeFixed must .*\nstopLossPerc must /m)
  expect(document.json()).toMatchObject({ exitCode: 2, result: null, error: { code: 'USAGE' } })
  expect(document.json().error?.message).toContain('stopLossPerc must')
  const { rows } = await server.db.pool.query(`SELECT FROM bot_configs WHERE name = 'Bad'`)
  expect(rows).toHaveLength(0)
})

test('a bot is led through its life by name or number, and the list shows it', async () => {
  const id = await aBot('Trend')
  const started = await run(['bots', 'start', 'Trend'])
  expect(started).toMatchObject({ code: 0, stderr: '', stdout: `Trend (${id}): started, PENDING.\n` })
  await server.db.pool.query(`UPDATE bot_states SET status = 'RUNNING' WHERE bot_id = $1`, [id])
  const paused = await run(['bots', 'pause', id, '--json'])
  expect(actResult.parse(paused.json().result).bots).toEqual([
    { id, name: 'Trend', done: true, status: 'PAUSED', closing: false, error: null },
  ])
  const [human, filtered, document] = await Promise.all([
    run(['bots', 'list'], { env: { COLUMNS: '70' } }),
    run(['bots', 'list', '--status', 'paused', '--search', 'tren', '--json']),
    run(['bots', 'list', '--status', 'ERROR']),
  ])
  expect(human.stdout).toMatch(new RegExp(`^ *${id}  Trend .*PAUSED`, 'm'))
  expect(Math.max(...human.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(70)
  expect(human.stdout).not.toContain('\x1b')
  expect(listResult.parse(filtered.json().result).bots).toMatchObject([
    { id, state: { status: 'PAUSED', pauseReason: 'MANUAL' } },
  ])
  expect(document.stdout).toBe('No bot is like that. tradebotctl bots list shows them all.\n')
  expect((await run(['bots', 'resume', 'Trend'])).stdout).toBe(`Trend (${id}): resumed, RUNNING.\n`)
  expect((await run(['bots', 'stop', 'Trend'])).stdout).toBe(`Trend (${id}): stopped.\n`)
  const { rows } = await server.db.pool.query(
    `SELECT DISTINCT actor FROM bot_events WHERE bot_id = $1 AND type = 'STATUS'`,
    [id],
  )
  expect(rows).toEqual([{ actor: 'token:script' }])
})

test('what the lifecycle refuses is exit code 4 with its sentence; of several each is told, and the code is 1', async () => {
  const ids = [await aBot('One'), await aBot('Two'), await aBot('Three')]
  const alone = await run(['bots', 'pause', 'One', '--json'])
  expect(alone.json()).toMatchObject({ exitCode: 4, result: null, error: { code: 'INVALID_TRANSITION' } })
  await lead(server.db.pool, idOf('Two'), 'RUNNING')
  const several = await run(['bots', 'start', 'One', 'Two', 'Three', 'One', '--json'])
  expect(several.code).toBe(1)
  const outcomes = actResult.parse(several.json().result).bots
  expect(outcomes.map(({ id, done }) => [id, done])).toEqual(ids.map((id, index) => [id, index !== 1]))
  expect(outcomes[1]?.error?.code).toBe('INVALID_TRANSITION')
  const human = await run(['bots', 'resume', 'One', 'Two'])
  expect(human.code).toBe(1)
  expect(human.stdout).toMatch(/^One \(\d+\): refused: .*\nTwo \(\d+\): refused: /)
  const some = await run(['bots', 'start', 'One', 'Nothing', 'Three'])
  expect(some.code).toBe(1)
  expect(some.stdout).toMatch(
    /^One \(\d+\): .*\n"Nothing": refused: There is no bot "Nothing"\.\nThree \(\d+\): /,
  )
  const none = await run(['bots', 'stop', '--all'])
  expect(none).toMatchObject({ code: 2, stdout: '' })
  expect(none.stderr).toContain('Stop 3 bots? Say so with --yes.')
  const all = await run(['bots', 'stop', '--all', '--yes'])
  expect(all.code).toBe(0)
  expect(all.stdout.match(/: stopped\./g)).toHaveLength(3)
  expect((await run(['bots', 'stop', '--all', '--yes'])).stdout).toBe('No bot can be stopped now.\n')
})

test('a bot that holds a position is stopped only with a choice, and is shown with all that is known of it', async () => {
  const id = await aBot('Holder')
  await lead(server.db.pool, id, 'RUNNING')
  await aPosition(server.db.pool, id)
  await anOrder(server.db.pool, id, { status: 'FILLED' })
  const [refused, shown, document, orders, filled] = await Promise.all([
    run(['bots', 'stop', 'Holder']),
    run(['bots', 'show', 'Holder']),
    run(['bots', 'show', id, '--json']),
    run(['orders', 'Holder']),
    run(['orders', '--status', 'filled', '--json']),
  ])
  expect(refused).toMatchObject({ code: 4, stdout: '' })
  expect(refused.stderr).toMatch(/an open position of 0\.001.*\nSay --close .* or --keep/)
  for (const part of [
    'Holder',
    'RUNNING',
    'long 0.001 at 50000',
    'Why it does not enter',
    'NO',
    'stopLossPerc',
    'FILLED',
  ])
    expect(shown.stdout).toContain(part)
  const { bot, orders: ofBot, events } = showResult.parse(document.json().result)
  expect(bot).toMatchObject({ id, position: { amount: '0.001' }, config: { stopLossPerc: '2', emaSlow: 26 } })
  expect(bot.tradingChecks[0]).toMatchObject({ code: 'WORKER_NONE', passed: false })
  expect(ofBot).toHaveLength(1)
  expect(events.map(({ type }) => type)).toEqual(['CREATED'])
  expect(orders.stdout).toMatch(/BUY ENTRY +FILLED +0\.001/)
  expect(ordersResult.parse(filled.json().result).orders).toMatchObject([{ botId: id, botName: 'Holder' }])
  const words = await Promise.all([
    run(['orders', '--last', '0']),
    run(['orders', '--status', 'FOO']),
    run(['bots', 'list', '--status', 'FOO']),
  ])
  expect(words.map(({ stderr }) => stderr.split('\n')[0])).toEqual([
    '--last: must be a whole number from 1 to 10000.',
    expect.stringMatching(/^--status: must be one of INTENDED, .*, EXPIRED\.$/),
    '--status: must be one of STOPPED, PENDING, RUNNING, PAUSED, ERROR.',
  ])
  const both = await run(['bots', 'stop', 'Holder', '--close', '--keep'])
  expect(both).toMatchObject({ code: 2 })
  const closed = await run(['bots', 'stop', 'Holder', '--close', '--json'])
  expect(actResult.parse(closed.json().result).bots).toMatchObject([
    { done: true, status: 'STOPPED', closing: true },
  ])
  expect((await run(['bots', 'delete', 'Three'])).code).toBe(2)
  expect((await run(['bots', 'delete', 'Three', '--yes'])).stdout).toMatch(/^Three \(\d+\): deleted\.\n$/)
})

test('halt says how many bots it concerns and that positions stay guarded; resume-trading ends it', async () => {
  const id = await aBot('Guarded')
  await lead(server.db.pool, id, 'RUNNING')
  await aPosition(server.db.pool, id)
  const halted = await run(['halt'])
  expect(halted).toMatchObject({ code: 0, stderr: '' })
  expect(halted.stdout).toContain(
    'Trading is halted: 1 bot enters nothing, until tradebotctl resume-trading.',
  )
  expect(halted.stdout).toContain('2 open positions, 1 of them being closed; until then they stay guarded.')
  const [list, again] = await Promise.all([run(['bots', 'list']), run(['halt', '--close', '--json'])])
  expect(list.stdout).toMatch(
    /^Trading is halted \(.*\): no bot enters\. tradebotctl resume-trading ends it\./,
  )
  expect(haltResult.parse(again.json().result)).toMatchObject({ bots: 1, positions: 2, closing: 2 })
  const resumed = await run(['resume-trading', '--json'])
  expect(haltResult.parse(resumed.json().result).haltedAt).toBeNull()
  expect((await run(['resume-trading'])).stdout).toBe('Trading is resumed: 1 bot may enter again.\n')
})

test('a name that no bot, or more than one, has is told with the nearest name or the numbers', async () => {
  const twins = [await aBot('Twin'), await aBot('Twin')]
  const [unknown, ambiguous, foreign] = await Promise.all([
    run(['bots', 'show', 'Guardd']),
    run(['bots', 'start', 'Twin', '--json']),
    run(['bots', 'show', '999999', '--json']),
  ])
  expect(unknown).toMatchObject({ code: 3, stdout: '' })
  expect(unknown.stderr).toBe(
    `There is no bot "Guardd".\nDid you mean Guarded (${idOf('Guarded')})? tradebotctl bots list shows them all.\n`,
  )
  expect(ambiguous.json().error).toMatchObject({
    code: 'BOT_AMBIGUOUS',
    message: `2 bots are named "Twin": ${twins.toReversed().join(', ')}.`,
  })
  expect(foreign.json().error?.code).toBe('BOT_UNKNOWN')
})

test('more bots than a page holds are all listed, and found by name', async () => {
  await server.db.pool.query(
    `WITH made AS (
       INSERT INTO bot_configs (user_id, name, exchange, symbol, timeframe, initial_capital, position_size_fixed, stop_loss_perc, take_profit_perc, created_at, updated_at)
       SELECT $1, 'Many ' || n, 'sandbox', 'BTC/USDT', '1m', 1000, 100, 2, 4, now(), now() FROM generate_series(1, 620) n RETURNING id)
     INSERT INTO bot_states (bot_id, equity, peak_equity) SELECT id, 1000, 1000 FROM made`,
    [me.id],
  )
  const [all, first] = await Promise.all([
    run(['bots', 'list', '--search', 'many', '--json']),
    run(['bots', 'pause', 'Many 1', '--json']),
  ])
  const names = listResult.parse(all.json().result).bots.map(({ name }) => name)
  expect(new Set(names).size).toBe(620)
  expect(names[0]).toBe('Many 620')
  expect(first.json().error?.code).toBe('INVALID_TRANSITION')
  await server.db.pool.query(`UPDATE bot_configs SET deleted_at = now() WHERE name LIKE 'Many %'`)
})

test('who is not signed in, and a server that is none, is told what to do', async () => {
  const wrong = path.join(folder, 'wrong-token')
  writeFileSync(wrong, 'tb_this_is_no_token\n')
  const nobody = { TRADEBOT_TOKEN: '' }
  const down = { TRADEBOT_URL: 'http://127.0.0.1:1987' }
  const [missing, refused, fromStdin, dead, page, junk, both] = await Promise.all([
    run(['bots', 'list', '--json'], { env: nobody }),
    run(['bots', 'list', '--token-file', wrong, '--json']),
    run(['bots', 'list', '--token-file', '-'], { stdin: `${token}\n`, env: nobody }),
    run(['halt'], { env: down }),
    run(['bots', 'list', '--url', `${server.url()}/elsewhere`, '--json']),
    run(['bots', 'list', '--url', 'ftp://x']),
    run(['bots', 'list', '--user', 'me@example.com']),
  ])
  expect(missing.json()).toMatchObject({ exitCode: 3, error: { code: 'TOKEN_MISSING' } })
  expect(refused.json()).toMatchObject({ exitCode: 3, error: { code: 'UNAUTHENTICATED' } })
  expect(refused.json().error?.hint).toContain('tradebotctl login')
  expect(fromStdin.code).toBe(0)
  expect(dead.code).toBe(3)
  expect(dead.stderr).toMatch(
    /^The server at http:\/\/127\.0\.0\.1:1987 does not answer: .*\n.*--direct works in its database\.\n$/,
  )
  expect(page.json()).toMatchObject({ exitCode: 3, error: { code: 'SERVER_FOREIGN' } })
  expect(junk.code).toBe(2)
  expect(both.stderr).toContain('--user goes with --direct')
  for (const { stdout, stderr } of [missing, refused, fromStdin, dead, page, junk])
    expect(`${stdout}${stderr}`).not.toMatch(/tb_/)
})
