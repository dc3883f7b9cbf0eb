import type { AlertKind } from '../../graphql/documents/alerts.ts'

/** The form of a channel. `kinds` null: all alerts. */
export type ChannelValues = {
  kind: 'WEBHOOK' | 'TELEGRAM'
  name: string
  url: string
  secret: string
  botToken: string
  chatId: string
  kinds: readonly AlertKind[] | null
}

export const emptyChannel: ChannelValues = {
  kind: 'WEBHOOK',
  name: '',
  url: '',
  secret: '',
  botToken: '',
  chatId: '',
  kinds: null,
}

export const channelLabels = {
  name: 'Name',
  url: 'Address',
  secret: 'Signing secret',
  botToken: 'Bot token',
  chatId: 'Chat id',
}

/** As the API takes it: what belongs to the other kind stays away. */
export function channelInput(values: ChannelValues) {
  const { kind } = values
  const common = { kind, name: values.name.trim(), kinds: [...(values.kinds ?? [])] }
  return kind === 'WEBHOOK'
    ? { ...common, url: values.url.trim(), secret: values.secret.trim() || null }
    : { ...common, botToken: values.botToken.trim(), chatId: values.chatId.trim() }
}
