import { A } from '@solidjs/router'
import { EmptyState } from '../parts/EmptyState.tsx'
import { PageTitle } from '../parts/PageTitle.tsx'
import { paths } from '../paths.ts'

export function NotFoundPage() {
  return (
    <>
      <PageTitle title="Not found" />
      <EmptyState title="There is no page at this address">
        <p>The link may be old, or the bot was deleted.</p>
        <A class="button button-primary" href={paths.bots}>
          Go to your bots
        </A>
      </EmptyState>
    </>
  )
}
