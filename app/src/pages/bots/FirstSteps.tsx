import { A } from '@solidjs/router'
import { Icon } from '../../parts/Icon.tsx'
import { paths } from '../../paths.ts'

/** The first page of a new account: two ways on, the harmless one first. */
export function FirstSteps() {
  return (
    <section class="first-steps">
      <h2>Make your first bot</h2>
      <p class="first-lead">
        A bot watches one market, decides by its indicators, and guards each position with a stop loss.
        Nothing trades until you start it.
      </p>
      <div class="first-ways">
        <div class="panel">
          <h3>Practise with a paper bot</h3>
          <p>
            Needs no account anywhere. Prices are the market's, orders are simulated. The form comes filled
            in: a few clicks, and it runs on the sandbox market.
          </p>
          <A class="button button-primary" href={paths.newBot}>
            <Icon name="plus" />
            Make a paper bot
          </A>
        </div>
        <div class="panel">
          <h3>Trade live</h3>
          <p>
            A live bot sends its orders to an exchange, so it needs an API key of yours first. The sandbox
            gives keys with play money to try it.
          </p>
          <A class="button button-secondary" href={paths.addKey}>
            <Icon name="key" />
            Add an API key
          </A>
        </div>
      </div>
    </section>
  )
}
