/** What is used of Scalar, which the page loads before this. */
declare const Scalar: {
  createApiReference(where: string, configuration: object): void
}

// As the try-it page keeps it: until the tab is closed.
const keptAs = 'centang-key'

const field = document.querySelector('#key') as HTMLInputElement
const { placeholder = '' } = field.dataset
const kept = sessionStorage.getItem(keptAs)
if (kept !== null) field.value = kept
const key = field.validity.valid ? field.value : ''

// Beside this script, wherever a proxy has put it.
const text = await (await fetch(new URL('openapi.json', import.meta.url))).text()
Scalar.createApiReference('#app', {
  // A key is of letters, digits, - and _, so it stands in JSON and in every language as it is.
  content: JSON.parse(key === '' ? text : text.replaceAll(placeholder, key)),
  pageTitle: 'Centang API reference',
  telemetry: false,
  withDefaultFonts: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: 'never',
  hideClientButton: true,
  // Ours are in the document: five that run as they stand, instead of thirty that don't show their answer.
  hiddenClients: true,
  authentication: { preferredSecurityScheme: 'key', securitySchemes: { key: { token: key } } },
})

field.addEventListener('change', () => {
  if (!field.validity.valid) return
  sessionStorage.setItem(keptAs, field.value)
  // Scalar takes snippets in once; it comes back to the same call.
  location.reload()
})
field.addEventListener('keydown', (event) => {
  if (event.key === 'Enter') field.blur()
})
