import type { CombinedError } from '@urql/core'
import { createEffect, createSignal, on, onCleanup, type Accessor } from 'solid-js'
import { describeProblem, type ApiProblem } from '../graphql/api-problem.ts'
import { handleUnauthenticated } from '../session/session.ts'
import { reconnects } from './connection.ts'
import { appendPage, mergeHead, type Page } from './merge-head.ts'

export type PageAnswer<Node> = { page?: Page<Node> | undefined; error?: CombinedError | undefined }

export type PagedList<Node> = {
  /** Undefined until the first page came. */
  nodes: Accessor<readonly Node[] | undefined>
  hasMore: Accessor<boolean>
  busy: Accessor<boolean>
  problem: Accessor<ApiProblem | undefined>
  loadMore: () => void
  /** Reads the newest end again soon; many calls at a time become one. */
  refresh: () => void
}

const refreshDelayMs = 250

/** A list that is read page by page downwards and kept fresh at its top. `key` names what it lists: another, and it starts anew. */
export function createPagedList<Node extends { id: string }>(
  key: Accessor<string>,
  fetchPage: (after: string | null) => Promise<PageAnswer<Node>>,
): PagedList<Node> {
  const [list, setList] = createSignal<Page<Node>>()
  const [busy, setBusy] = createSignal(false)
  const [problem, setProblem] = createSignal<ApiProblem>()
  // Answers to a question that is no longer asked are dropped.
  let asked = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  onCleanup(() => {
    asked++
    clearTimeout(timer)
  })

  const ask = async (after: string | null, merge: (page: Page<Node>) => Page<Node>) => {
    const mine = asked
    setBusy(true)
    const answer = await fetchPage(after)
    if (mine !== asked) return
    setBusy(false)
    setProblem(answer.error ? describeProblem(answer.error) : undefined)
    if (problem()?.kind === 'unauthenticated') handleUnauthenticated()
    if (answer.page) setList(merge(answer.page))
  }
  const readHead = () =>
    void ask(null, (fresh) => {
      const known = list()
      return known ? mergeHead(known, fresh) : fresh
    })
  const refresh = () => {
    if (timer !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      readHead()
    }, refreshDelayMs)
  }

  createEffect(
    on(key, () => {
      asked++
      setList(undefined)
      readHead()
    }),
  )
  createEffect(on(reconnects, refresh, { defer: true }))

  return {
    nodes: () => list()?.nodes,
    hasMore: () => list()?.hasNextPage ?? false,
    busy,
    problem,
    refresh,
    loadMore() {
      const known = list()
      if (known?.hasNextPage && !busy())
        void ask(known.endCursor, (next) => appendPage(list() ?? known, next))
    },
  }
}
