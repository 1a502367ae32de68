/**
 * Escapes control characters: those that begin escape sequences of a terminal, and the Unicode controls that change the
 * direction of text.
 */

/** C0 except tab and newline, DEL, C1, and the embeddings, overrides and isolates of bidirectional text. */
const CONTROLS = /(?![\t\n])[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu

/** Replaces each control character with its JSON escape such as `\u001b`, except tabs and newlines. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, escapeOne)
}

/** As `escapeControls`, but also escapes tabs and newlines, for text on a single line. */
export function escapeControlsAndLines(text: string): string {
  return escapeControls(text).replace(/[\t\n]/g, escapeOne)
}

function escapeOne(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
