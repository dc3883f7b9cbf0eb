// Runs before the first paint. src/parts/theme.ts writes what is read here.
try {
  var stored = localStorage.getItem('tradebot-theme')
  if (stored === 'light' || stored === 'dark') document.documentElement.dataset.theme = stored
} catch (refused) {
  // Storage can be forbidden; the system's theme is then the right one.
  void refused
}
