/**
 * @file The text of a shader module: directives first, as WGSL wants, then the libs, then the file; and the way back
 * from a line to the file that it is of.
 */
import type { ShaderModule } from '../core/contract.ts'

/** Lines that come from one file. */
export interface Piece {
  readonly file: string
  readonly lines: readonly string[]
}

const DIRECTIVE = /^\s*(enable|requires|diagnostic)\b.*;\s*$/
const UNIFORM = /@group\(0\)\s*@binding\(0\)\s*var<uniform>\s+p\s*:\s*Params\s*;/

/** What a module consists of, in order. A line of the last piece has the number that it has in its file. */
export function piecesOf(module: ShaderModule, before: readonly string[] = []): readonly Piece[] {
  const directives = [...before]
  const own = module.source.text.split('\n').map((line) => {
    if (!DIRECTIVE.test(line)) return line
    directives.push(line)
    return ''
  })
  return [
    { file: module.source.file, lines: directives },
    ...module.libs.map(({ file, text }) => ({ file, lines: text.split('\n') })),
    { file: module.source.file, lines: own },
  ].filter(({ lines }) => lines.length > 0)
}

/** The text given to WebGPU, and the way back from its lines. */
export interface Text {
  readonly code: string
  locate(line: number): { file: string; line: number; source: string }
}

/** All of a module in one text. @param immediate  params are immediate data */
export function assemble(module: ShaderModule, immediate: boolean): Text {
  const pieces = piecesOf(module, immediate ? ['requires immediate_address_space;'] : [])
  const code = pieces.map(({ lines }) => lines.join('\n') + '\n').join('')
  const locate = (line: number) => {
    let rest = line - 1
    for (const { file, lines } of pieces) {
      if (rest < lines.length) return { file, line: rest + 1, source: lines[rest] }
      rest -= lines.length
    }
    return { file: module.source.file, line, source: '' }
  }
  // The only edit of text there is: params as immediate data, where the adapter has it.
  return { code: immediate ? code.replace(UNIFORM, 'var<immediate> p: Params;') : code, locate }
}
