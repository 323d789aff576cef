/** @file axe, a checker of the rules of WCAG, asked about a window. */
import axe from 'axe-core'

/** What axe finds in a window. */
export async function violations(view: Window & typeof globalThis): Promise<string[]> {
  const script = view.document.createElement('script')
  script.textContent = axe.source
  view.document.head.append(script)
  // The script defines it, of which a window's type knows nothing.
  const checker = (view as unknown as { axe: typeof import('axe-core') }).axe
  const { violations } = await checker.run()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}
