/** @file An explanation as Markdown. */
import type { Explained } from './data.ts'
import { toText } from './text.ts'
export const toMarkdown = (explained: Explained): string => toText(explained)
