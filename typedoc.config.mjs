// @ts-check
/**
 * @file The API reference, `npm run docs`: built from the docstrings into docs/api. Any warning fails: a public function without
 * a docstring, a link to nothing, a parameter that is described but does not exist, a type that readers cannot look up.
 */
import { basename } from 'node:path'
import { Comment, CommentTag, Context, Converter, OptionDefaults, ReflectionKind } from 'typedoc'
import ts from 'typescript'
import { family, familyOf, familyOrder } from './scripts/families.mjs'

/** What every function of tensors refuses, before anything is launched. */
const REFUSAL = 'HandgradError if a shape, dtype, device or option does not fit, with the values and what to do'

/** @param {import('typedoc').SignatureReflection} signature */
const parameters = ({ parameters = [] }) => `(${parameters.map(({ name, type }) => `${name}: ${type}`).join(', ')}`

/**
 * The docstring of a function in src/ops, wherever it is.
 * @param {readonly import('typescript').Program[]} programs
 * @param {string} name
 */
function docstring(programs, name) {
  for (const program of programs) {
    const checker = program.getTypeChecker()
    for (const file of program.getSourceFiles()) {
      const module = /\/src\/ops\/\w+\.ts$/.test(file.fileName) && checker.getSymbolAtLocation(file)
      const found = module && checker.getExportsOfModule(module).find((symbol) => symbol.name === name)
      const parts = found ? found.getDocumentationComment(checker) : []
      if (parts.length > 0) return ts.displayPartsToString(parts)
    }
  }
  return undefined
}

/**
 * `@param options.low,high  text` as two tags.
 * @param {CommentTag} tag
 */
function split(tag) {
  if (tag.tag !== '@param' || !tag.name?.includes(',')) return [tag]
  const [, prefix, names] = /^(.*\.)?(.*)$/.exec(tag.name) ?? []
  return names.split(',').map((name) => Object.assign(tag.clone(), { name: (prefix ?? '') + name }))
}

/**
 * Overloads share the docstring of the first one, but for parameters that they do not have.
 * @param {import('typedoc').DeclarationReflection} one
 */
function share(one) {
  const { signatures = [] } = one
  const comment = one.comment ?? signatures[0]?.comment
  delete one.comment
  for (const signature of signatures) {
    signature.comment ??= comment?.clone()
    const own = signature.parameters?.map(({ name }) => name) ?? []
    if (signature.comment)
      signature.comment.blockTags = signature.comment.blockTags.filter(
        ({ tag, name = '' }) => tag !== '@param' || own.includes(name.replace(/\..*/, '')),
      )
  }
}

/** `export const exp: Unary = …` is a function too; TypeDoc asks for a tag that says so. */
function constantsAreFunctions() {
  const { getComment } = Context.prototype
  Context.prototype.getComment = function (symbol, kind) {
    const comment = getComment.call(this, symbol, kind)
    const callable =
      kind === ReflectionKind.Variable && this.checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0
    if (callable) comment?.modifierTags.add('@function')
    return comment
  }
}

/**
 * What TypeDoc cannot know: `@file` heads a module, `@param a,b` describes both, overloads share a docstring, a method of Tensor
 * is the op of its name, the families of the tables of ops are the categories here, and what all ops have in common is said once.
 * @param {import('typedoc').Application} app
 */
function house(app) {
  constantsAreFunctions()
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project, programs }) => {
    for (const one of project.getReflectionsByKind(ReflectionKind.All)) {
      const file = one.comment?.getTag('@file')
      // An op that is the first line of its file would take the file's header for its own
      if (file && one.comment && one.kindOf(ReflectionKind.SomeModule | ReflectionKind.Project)) {
        one.comment.summary = file.content
        one.comment.removeTags('@file')
      } else if (file) delete one.comment
      if (one.comment) one.comment.blockTags = one.comment.blockTags.flatMap(split)
    }
    for (const one of /** @type {import('typedoc').DeclarationReflection[]} */ (
      project.getReflectionsByKind(ReflectionKind.Function)
    ))
      share(one)
    const functions = (project.children ?? []).filter(({ kind }) => kind === ReflectionKind.Function)
    for (const method of project.getChildByName('Tensor')?.children ?? []) {
      if (method.comment || method.signatures?.some(({ comment }) => comment)) continue
      const comment = functions.find(({ name }) => name === method.name)?.signatures?.[0].comment?.clone()
      const text = comment ? undefined : docstring(programs, method.name)
      method.comment = comment ?? (text ? new Comment([{ kind: 'text', text }]) : undefined)
      method.comment?.removeTags('@param')
    }
    for (const one of functions) {
      const file = basename(project.getSymbolIdFromReflection(one)?.packagePath ?? '', '.ts')
      for (const signature of one.signatures ?? []) {
        const { title, returns, engine } = family(familyOf(one.name, file, parameters(signature)))
        const { comment } = signature
        /** @type {(tag: `@${string}`, text: string) => void} */
        const add = (tag, text) => void comment?.blockTags.push(new CommentTag(tag, [{ kind: 'text', text }]))
        add('@category', title)
        if (returns && !comment?.getTag('@returns')) add('@returns', returns)
        const takesTensors = /: (readonly )?(Tensor|Operand)\b/.test(parameters(signature))
        if (takesTensors && !engine && !comment?.getTag('@throws')) add('@throws', REFUSAL)
      }
    }
  })
}

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  entryPoints: ['src/index.ts'],
  tsconfig: 'tsconfig.build.json',
  out: 'docs/api',
  readme: 'README.md',
  excludePrivate: true,
  excludeInternal: true,
  disableSources: true,
  plugin: [house],
  blockTags: [...OptionDefaults.blockTags, '@file'],
  categoryOrder: [...familyOrder.map((key) => family(key).title), '*'],
  navigation: { includeCategories: true, includeGroups: true },
  requiredToBeDocumented: ['Function', 'Class', 'Interface'],
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  // How the engine works inside is ARCHITECTURE.md's
  intentionallyNotExported: [
    ...['Bare', 'Code', 'Edge', 'Handle', 'Meta', 'Node', 'Packed', 'Scope', 'Storage', 'Ticket', 'TypedKernel'],
    ...['Integers', 'WebGPUBlock'],
  ],
  treatWarningsAsErrors: true,
}
