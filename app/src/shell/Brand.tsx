export function Brand() {
  return (
    <span class="brand">
      <img src="/favicon.svg" width="24" height="24" alt="" />
      TradeBot
    </span>
  )
}
