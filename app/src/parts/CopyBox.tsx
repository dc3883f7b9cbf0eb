import { createSignal } from 'solid-js'
import { Button } from './Button.tsx'

const copiedMs = 2_000

/** Text to take elsewhere, with a button that copies it, and selectable where the browser forbids that. */
export function CopyBox(props: { text: string; label: string }) {
  const [copied, setCopied] = createSignal(false)
  let code: HTMLElement | undefined
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.text)
      setCopied(true)
      setTimeout(() => setCopied(false), copiedMs)
    } catch (refused) {
      console.info('Copying is not allowed here; the text is selected instead.', refused)
      if (code) getSelection()?.selectAllChildren(code)
    }
  }
  return (
    <div class="copy-box">
      <code ref={(element) => (code = element)}>{props.text}</code>
      <Button
        small
        icon={copied() ? 'check' : 'copy'}
        aria-label={`Copy the ${props.label}`}
        onClick={() => void copy()}
      >
        {copied() ? 'Copied' : 'Copy'}
      </Button>
    </div>
  )
}
