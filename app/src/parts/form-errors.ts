import { createSignal, type Accessor } from 'solid-js'

export type Issue = { readonly path: readonly string[]; readonly message: string }

/** The field that an issue is about: the API's path, with or without a leading "input". */
export function fieldOf(issue: Issue): string {
  const [first, second] = issue.path
  return (first === 'input' ? second : first) ?? ''
}

export type FormErrors = {
  of: (field: string) => string | undefined
  /** What belongs to none of the form's fields. */
  general: Accessor<string | undefined>
  set: (issues: readonly Issue[]) => void
  setGeneral: (message: string | undefined) => void
  clear: (field: string) => void
}

/**
 * The API names fields as programs do ("emaFast must be less than emaSlow."); people read the form's labels. A plain
 * word is a field's name only where the sentence begins with it.
 */
export function withLabels(message: string, labels: Readonly<Record<string, string>>): string {
  return message.replace(/[A-Za-z]+/g, (word, at: number) => {
    const label = Object.hasOwn(labels, word) ? labels[word] : undefined
    return label !== undefined && (at === 0 || /[A-Z]/.test(word)) ? label : word
  })
}

/**
 * Errors by field. `labels` has each field that the form can show, and `shows` says of others; any other issue becomes the general message.
 */
export function createFormErrors(
  labels: Readonly<Record<string, string>>,
  shows: (field: string) => boolean = () => false,
): FormErrors {
  const [byField, setByField] = createSignal<Readonly<Record<string, string>>>({})
  const [general, setGeneral] = createSignal<string>()
  return {
    of: (field) => byField()[field],
    general,
    set(issues) {
      const next: Record<string, string> = {}
      const rest: string[] = []
      for (const issue of issues) {
        const field = fieldOf(issue)
        if (Object.hasOwn(labels, field) || shows(field)) next[field] ??= withLabels(issue.message, labels)
        else rest.push(field === '' ? issue.message : `${issue.path.join('.')}: ${issue.message}`)
      }
      setByField(next)
      setGeneral(rest.length > 0 ? rest.join(' ') : undefined)
    },
    setGeneral,
    clear(field) {
      setByField(({ [field]: _gone, ...others }) => others)
    },
  }
}

/** Moves focus to the first field that is marked, so that the keyboard is where the problem is. */
export function focusFirstInvalid(within: HTMLElement): void {
  requestAnimationFrame(() => {
    const invalid = within.querySelector<HTMLElement>(
      '[aria-invalid="true"], .choices:has(.field-error) input',
    )
    invalid?.focus()
    invalid?.closest('.field')?.scrollIntoView({ block: 'center', behavior: 'instant' })
  })
}
