import { CopyBox } from '../../parts/CopyBox.tsx'
import { Notice } from '../../parts/Notice.tsx'

/** How to get play money: the sandbox hands out accounts to whoever asks on this machine. */
export function SandboxHint() {
  return (
    <Notice tone="info">
      <p>
        Get a sandbox account with 10,000 USDT of play money. In a terminal on the machine that runs TradeBot:
      </p>
      <CopyBox label="command" text="curl -X POST http://127.0.0.1:4010/sandbox/accounts" />
      <p>It answers an apiKey and a secretKey. Paste them below.</p>
    </Notice>
  )
}
