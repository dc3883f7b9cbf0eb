/** Line icons on a 16 px grid, drawn here: the app loads nothing from elsewhere. */
const shapes = {
  play: 'M5 3.2v9.6l7.5-4.8z',
  pause: 'M5 3v10M11 3v10',
  stop: 'M4 4h8v8H4z',
  alert: 'M8 2.2l6.3 11.1H1.7zM8 6.4v3.2M8 11.4v.2',
  check: 'M3 8.5l3.2 3.2L13 4.8',
  info: 'M8 14A6 6 0 108 2a6 6 0 000 12zM8 7.3v3.6M8 5v.2',
  close: 'M4 4l8 8M12 4l-8 8',
  minus: 'M3.5 8h9',
  download: 'M8 2.5v7.500M4.800 7L8 10.200 11.200 7M3 13.500h10',
  plus: 'M8 3v10M3 8h10',
  search: 'M7 12A5 5 0 107 2a5 5 0 000 10zM10.8 10.8L14 14',
  chevron: 'M6 3.5L10.5 8 6 12.5',
  down: 'M3.5 6L8 10.5 12.5 6',
  back: 'M10 3.5L5.5 8l4.5 4.5',
  key: 'M6 10.2a3.6 3.6 0 110-7.2 3.6 3.6 0 010 7.2zM8.6 8.9L14 14M11.5 11.4l1.6-1.6',
  copy: 'M6 6h7.5v7.5H6zM10 6V2.5H2.5V10H6',
  edit: 'M3 13l.6-2.8L10.9 3l2.1 2.1-7.2 7.3z',
  trash: 'M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5',
  sun: 'M8 11a3 3 0 100-6 3 3 0 000 6zM8 1.2v1.6M8 13.2v1.6M1.2 8h1.6M13.2 8h1.6M3.2 3.2l1.1 1.1M11.7 11.7l1.1 1.1M3.2 12.8l1.1-1.1M11.7 4.3l1.1-1.1',
  moon: 'M13.2 9.6A5.6 5.6 0 116.4 2.8a4.5 4.5 0 006.8 6.8z',
  screen: 'M2 3h12v8H2zM6 14h4M8 11v3',
  user: 'M8 8a2.8 2.8 0 100-5.6A2.8 2.8 0 008 8zM2.8 14c.6-2.6 2.6-4 5.2-4s4.6 1.4 5.2 4',
  hand: 'M5 2.2h6L14.2 5.4v5.2L11 13.8H5L1.8 10.6V5.4zM5.2 8h5.6',
  clock: 'M8 14A6 6 0 108 2a6 6 0 000 12zM8 4.8V8l2.2 1.6',
  shield:
    'M8 1.8l5 1.8v4c0 3.2-2.1 5.4-5 6.6-2.900-1.200-5-3.400-5-6.600v-4zM5.800 7.900l1.600 1.600 2.900-3',
  offline:
    'M2 2l12 12M4 8.600a6 6 0 012.300-1.400M1.800 6.200A9 9 0 014.600 4.500M8 4c2.400 0 4.600.9 6.200 2.200M10.200 7.400c.7.300 1.300.7 1.800 1.200M8 12.300v.1',
} as const

export type IconName = keyof typeof shapes

export function Icon(props: { name: IconName; size?: number }) {
  return (
    <svg
      class="icon"
      width={props.size ?? 16}
      height={props.size ?? 16}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path
        d={shapes[props.name]}
        fill={props.name === 'play' || props.name === 'stop' ? 'currentColor' : 'none'}
      />
    </svg>
  )
}
