/** @file An explanation as Markdown. */
import type { Explained } from './data.ts'
import { documentOf, type Part } from './document.ts'

/** Everything, with a heading for each call, launch and dispatch. */
export const toMarkdown = (explained: Explained): string =>
  `${documentOf(explained)
    .flatMap((part) => paragraphsOf(part, 1))
    .join('\n\n')}\n`

/** Text that means nothing else in Markdown. */
const plain = (text: string): string => text.replace(/[\\`*_[\]<>|#]/g, '\\$&')

function paragraphsOf(part: Part, level: number): string[] {
  if ('title' in part) return [`${'#'.repeat(level)} ${plain(part.title)}`]
  if ('prose' in part) return [plain(part.prose)]
  if ('list' in part) return part.list.length > 0 ? [part.list.map((text) => `- ${plain(text)}`).join('\n')] : []
  if ('facts' in part) {
    const rows = part.facts.map(([name, text]) => `| ${plain(name)} | ${plain(text)} |`)
    return rows.length > 0 ? [['| | |', '| --- | --- |', ...rows].join('\n')] : []
  }
  if ('code' in part) {
    const lines = part.code.map(({ marks, text, touched }) => {
      const said = [touched, marks && `[${marks}]`].filter(Boolean).join(' ')
      return said ? `${text} // ${said}` : text
    })
    const fenced = ['```' + (part.column === 'wgsl' ? 'wgsl' : 'ts'), ...lines, '```'].join('\n')
    return lines.length > 0 ? [`${plain(part.name)}:`, fenced] : []
  }
  return 'player' in part ? [] : part.parts.flatMap((one) => paragraphsOf(one, level + Number(part.of !== 'code')))
}
