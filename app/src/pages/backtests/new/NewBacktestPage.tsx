import { useSearchParams } from '@solidjs/router'
import { BotConfigQuery } from '../../../graphql/documents/bot-detail.ts'
import { FormChoicesQuery } from '../../../graphql/documents/bot-form.ts'
import { useQuery } from '../../../graphql/use-query.ts'
import { Loaded } from '../../../parts/Loading.tsx'
import { PageTitle } from '../../../parts/PageTitle.tsx'
import { paths } from '../../../paths.ts'
import { valuesOf, type BotFormValues } from '../../bots/form/form-values.ts'
import { startValues } from '../../bots/new/start-values.ts'
import { BacktestForm } from './BacktestForm.tsx'

/** /backtests/new, and /backtests/new?bot=ID which begins with that bot's configuration. */
export function NewBacktestPage() {
  const [params] = useSearchParams()
  const bot = typeof params['bot'] === 'string' ? params['bot'] : undefined
  const choices = useQuery(FormChoicesQuery, () => ({}))
  const source = useQuery(
    BotConfigQuery,
    () => ({ id: bot ?? '' }),
    () => bot === undefined,
  )
  const ready = ():
    { choices: NonNullable<ReturnType<typeof choices.data>>; initial: BotFormValues } | undefined => {
    const loaded = choices.data()
    const found = source.data()?.bot
    if (!loaded || (bot !== undefined && !source.data() && !source.problem())) return undefined
    if (found) return { choices: loaded, initial: valuesOf(found) }
    // Hours say more of a strategy's past than the seconds that a first bot begins with.
    return {
      choices: loaded,
      initial: { ...startValues(loaded, undefined), name: 'Backtest', timeframe: '1h' },
    }
  }
  return (
    <>
      <PageTitle
        title="New backtest"
        back={
          bot === undefined
            ? { href: paths.backtests, label: 'Backtests' }
            : { href: paths.bot(bot), label: source.data()?.bot?.name ?? 'Bot' }
        }
      />
      <Loaded
        data={ready()}
        problem={choices.problem()}
        onRetry={choices.refetch}
        lines={8}
        label="Loading the form"
      >
        {(loaded) => <BacktestForm choices={loaded().choices} initial={loaded().initial} />}
      </Loaded>
    </>
  )
}
