import { A, useLocation } from '@solidjs/router'
import { Show, createSignal } from 'solid-js'
import { SignInMutation } from '../../graphql/documents/session.ts'
import { runMutation } from '../../graphql/run-mutation.ts'
import { Button } from '../../parts/Button.tsx'
import { createFormErrors, focusFirstInvalid } from '../../parts/form-errors.ts'
import { Notice } from '../../parts/Notice.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { paths } from '../../paths.ts'
import { beginSession } from '../../session/session.ts'
import { AuthFrame } from './AuthFrame.tsx'

export function SignInPage() {
  const location = useLocation()
  const [email, setEmail] = createSignal('')
  const [password, setPassword] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  const errors = createFormErrors({ email: 'Email', password: 'Password' })

  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const form = event.currentTarget
    if (busy()) return
    setBusy(true)
    errors.set([])
    const data = await runMutation(SignInMutation, { input: { email: email().trim(), password: password() } })
    setBusy(false)
    const answer = data?.signIn
    if (!answer) return
    if (answer.__typename === 'User') return beginSession(answer)
    if (answer.__typename === 'ValidationError') {
      errors.set(answer.issues)
      focusFirstInvalid(form)
    } else if (answer.__typename === 'RateLimitedError') {
      errors.setGeneral(`Too many attempts. Try again in ${answer.retryAfterSeconds} s.`)
    } else errors.setGeneral(answer.message)
  }

  return (
    <AuthFrame
      title="Sign in"
      lead="Your bots keep trading while you are away."
      other={
        <>
          No account yet? <A href={paths.signUp + location.search}>Sign up</A>
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
          label="Password"
          name="password"
          type="password"
          autocomplete="current-password"
          value={password()}
          onValue={setPassword}
          error={errors.of('password')}
        />
        <Button type="submit" kind="primary" busy={busy()} class="button-block">
          Sign in
        </Button>
      </form>
    </AuthFrame>
  )
}
