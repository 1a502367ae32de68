/**
 * Text that a terminal would obey: escape sequences begin with a control character, and the Unicode controls for
 * bidirectional text make a line read otherwise than it is.
 */

/** C0 but tab and newline, DEL and C1, then the embeddings, overrides and isolates of bidirectional text. */
const CONTROLS = /(?![\t\n])[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu

/** The text with each control character as `\u001b`, as JSON has it. Tabs and newlines stay. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, escapeOne)
}

/** The same for a text that must stay on one line: tabs and newlines are escaped too. */
export function escapeControlsAndLines(text: string): string {
  return escapeControls(text).replace(/[\t\n]/g, escapeOne)
}

function escapeOne(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
