export function Brand() {
  return (
    <span class="brand">
      {/* public/favicon.svg once more, drawn here: it stands even while the server is away. */}
      <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
        <rect class="brand-tile" width="32" height="32" rx="7" />
        <path class="brand-line" d="M7 20.5l6-6 4.5 4.5L25 10.5" />
        <circle class="brand-dot" cx="25" cy="10.5" r="2.6" />
      </svg>
      TradeBot
    </span>
  )
}
