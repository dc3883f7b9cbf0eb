import { A, useLocation } from '@solidjs/router'
import { Show, createSignal } from 'solid-js'
import { SignUpMutation } from '../../graphql/documents/session.ts'
import { runMutation } from '../../graphql/run-mutation.ts'
import { Button } from '../../parts/Button.tsx'
import { createFormErrors, fieldOf, focusFirstInvalid } from '../../parts/form-errors.ts'
import { Notice } from '../../parts/Notice.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { paths } from '../../paths.ts'
import { beginSession } from '../../session/session.ts'
import { AuthFrame } from '../signin/AuthFrame.tsx'

export function SignUpPage() {
  const location = useLocation()
  const [email, setEmail] = createSignal('')
  const [username, setUsername] = createSignal('')
  const [password, setPassword] = createSignal('')
  const [code, setCode] = createSignal('')
  // Asked only where the server listens beyond loopback; it says so by an issue on `code`.
  const [needsCode, setNeedsCode] = createSignal(false)
  const [busy, setBusy] = createSignal(false)
  const errors = createFormErrors({
    email: 'Email',
    username: 'Name',
    password: 'Password',
    code: 'Code',
  })

  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const form = event.currentTarget
    if (busy()) return
    setBusy(true)
    errors.set([])
    const input = { email: email().trim(), username: username().trim(), password: password() }
    const data = await runMutation(SignUpMutation, {
      input: needsCode() ? { ...input, code: code().trim() } : input,
    })
    setBusy(false)
    const answer = data?.signUp
    if (!answer) return
    if (answer.__typename === 'User') return beginSession(answer)
    if (answer.__typename === 'RateLimitedError') {
      errors.setGeneral(`Too many attempts. Try again in ${answer.retryAfterSeconds} s.`)
      return
    }
    if (answer.issues.some((issue) => fieldOf(issue) === 'code')) setNeedsCode(true)
    errors.set(answer.issues)
    focusFirstInvalid(form)
  }

  return (
    <AuthFrame
      title="Create your account"
      lead="It lives on this TradeBot server only."
      other={
        <>
          Have an account? <A href={paths.signIn + location.search}>Sign in</A>
        </>
      }
    >
      <form novalidate onSubmit={(event) => void submit(event)}>
        <Show when={errors.general()}>
          {(message) => (
            <Notice tone="danger">
              <p>{message()}</p>
            </Notice>
          )}
        </Show>
        <TextField
          label="Email"
          name="email"
          type="email"
          autocomplete="username"
          autofocus
          value={email()}
          onValue={setEmail}
          error={errors.of('email')}
        />
        <TextField
          label="Name"
          name="username"
          autocomplete="nickname"
          help="Shown beside what you do, in events."
          value={username()}
          onValue={setUsername}
          error={errors.of('username')}
        />
        <TextField
          label="Password"
          name="password"
          type="password"
          autocomplete="new-password"
          help="A long one: several words are easier to keep than symbols."
          value={password()}
          onValue={setPassword}
          error={errors.of('password')}
        />
        <Show when={needsCode()}>
          <TextField
            label="One-time code"
            name="code"
            inputmode="text"
            help="This server can be reached from other machines, so it asks for the code that npm start printed in its terminal."
            value={code()}
            onValue={setCode}
            error={errors.of('code')}
          />
        </Show>
        <Button type="submit" kind="primary" busy={busy()} class="button-block">
          Sign up
        </Button>
      </form>
    </AuthFrame>
  )
}
