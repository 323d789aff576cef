/** @file A page of text in a frame of this browser. */
import { cdp } from 'vitest/browser'

// Vitest's type of a session names no protocol: Chromium's own is Emulation.setEmulatedMedia.
export const chromium = () => cdp() as unknown as { send(method: string, options: object): Promise<void> }

/** The window of a page, in the colours that a person prefers: `light` or `dark`. */
export async function opened(html: string, width: number, scheme: string): Promise<Window & typeof globalThis> {
  await chromium().send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] })
  const frame = document.createElement('iframe')
  frame.style.cssText = `width:${width}px;height:900px;border:0`
  frame.srcdoc = html
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
  document.body.replaceChildren(frame)
  await loaded
  return frame.contentWindow as Window & typeof globalThis
}
