/** @file The parser: from text to a tree without names and types. */
import { Source, type SourceFile } from '../source.ts'
import type { Module } from '../tree.ts'
import { Cursor } from './cursor.ts'
import { program } from './declarations.ts'

/** The tree of files that make one program; throws a `WgslError` where the text does not follow the grammar. */
export const parse = (files: readonly SourceFile[]): Module => program(new Cursor(new Source(files)))
