/** Renders a chart as PNG: the SVG drawn by resvg with a bundled font, so that it looks the same on every machine. */
import { createRequire } from 'node:module'

const PIXEL_RATIO = 2

const require = createRequire(import.meta.url)

/** The bytes of a PNG file, with twice the resolution of the SVG, for sharp screens and print. */
export function toPng(svg: string): Uint8Array {
  const { Resvg } = require('@resvg/resvg-js') as typeof import('@resvg/resvg-js')
  const font = {
    loadSystemFonts: false,
    fontFiles: ['400Regular/Arimo_400Regular.ttf', '700Bold/Arimo_700Bold.ttf'].map((file) =>
      require.resolve(`@expo-google-fonts/arimo/${file}`),
    ),
    defaultFontFamily: 'Arimo',
  }
  return new Resvg(svg, { font, fitTo: { mode: 'zoom', value: PIXEL_RATIO } }).render().asPng()
}
