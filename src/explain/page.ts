/** @file An explanation as a page. */
import type { Explained } from './data.ts'
import { toText } from './text.ts'
export const pageOf = (explained: Explained): string => toText(explained)
