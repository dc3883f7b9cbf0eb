import { Navigate, Route, Router } from '@solidjs/router'
import { Provider } from '@urql/solid'
import { Show, onMount, type JSX } from 'solid-js'
import { paths } from './paths.ts'
import { ToastList } from './parts/ToastList.tsx'
import { AlertsPage } from './pages/alerts/AlertsPage.tsx'
import { BacktestsPage } from './pages/backtests/BacktestsPage.tsx'
import { BacktestPage } from './pages/backtests/id/BacktestPage.tsx'
import { NewBacktestPage } from './pages/backtests/new/NewBacktestPage.tsx'
import { BotsPage } from './pages/bots/BotsPage.tsx'
import { BotPage } from './pages/bots/id/BotPage.tsx'
import { EditBotPage } from './pages/bots/id/edit/EditBotPage.tsx'
import { NewBotPage } from './pages/bots/new/NewBotPage.tsx'
import { KeysPage } from './pages/keys/KeysPage.tsx'
import { NotFoundPage } from './pages/NotFoundPage.tsx'
import { SignInPage } from './pages/signin/SignInPage.tsx'
import { SignUpPage } from './pages/signup/SignUpPage.tsx'
import { TokensPage } from './pages/tokens/TokensPage.tsx'
import { currentClient, loadViewer } from './session/session.ts'
import { Shell } from './shell/Shell.tsx'

export function App() {
  onMount(() => void loadViewer())
  return (
    <Router root={Root}>
      <Route path={paths.signIn} component={SignInPage} />
      <Route path={paths.signUp} component={SignUpPage} />
      <Route component={Shell}>
        <Route path="/" component={() => <Navigate href={paths.bots} />} />
        <Route path={paths.bots} component={BotsPage} />
        <Route path={paths.newBot} component={NewBotPage} />
        <Route path="/bots/:id" component={BotPage} />
        <Route path="/bots/:id/edit" component={EditBotPage} />
        <Route path={paths.backtests} component={BacktestsPage} />
        <Route path={paths.newBacktest} component={NewBacktestPage} />
        <Route path="/backtests/:id" component={BacktestPage} />
        <Route path={paths.keys} component={KeysPage} />
        <Route path={paths.alerts} component={AlertsPage} />
        <Route path={paths.tokens} component={TokensPage} />
        <Route path="*" component={NotFoundPage} />
      </Route>
    </Router>
  )
}

/** A new session has a new client: keyed, so that no query of the old one lives on. */
function Root(props: { children?: JSX.Element }) {
  return (
    <>
      <Show when={currentClient()} keyed>
        {(client) => <Provider value={client}>{props.children}</Provider>}
      </Show>
      <ToastList />
    </>
  )
}
