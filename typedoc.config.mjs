// @ts-check
/**
 * @file The API reference, `npm run docs`: built from the docstrings into docs/api. Any warning fails: a public
 * function without a docstring, a link to nothing, a parameter that is described but does not exist, a type that
 * readers cannot look up.
 */
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Comment, CommentTag, Context, Converter, OptionDefaults, ReflectionKind } from 'typedoc'
import ts from 'typescript'
import { family, familyOf, familyOrder, returnsOf, throwsOf } from './tools/optable/families.mjs'

const root = fileURLToPath(new URL('.', import.meta.url))

/** @param {import('typedoc').SignatureReflection} signature */
const parameters = ({ parameters = [] }) => `(${parameters.map(({ name, type }) => `${name}: ${type}`).join(', ')})`

/**
 * The docstring of a function in src/ops, wherever it is, and what its family adds.
 * @param {readonly import('typescript').Program[]} programs
 * @param {string} name
 */
function docstring(programs, name) {
  for (const program of programs) {
    const checker = program.getTypeChecker()
    for (const file of program.getSourceFiles()) {
      const module = /\/src\/(ops|autograd)\/[\w/]+\.ts$/.test(file.fileName) && checker.getSymbolAtLocation(file)
      const exported = module && checker.getExportsOfModule(module).find((symbol) => symbol.name === name)
      if (!exported) continue
      const found = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
      const source = found.valueDeclaration?.getSourceFile().fileName
      const parts = found.getDocumentationComment(checker)
      if (!source || parts.length === 0) continue
      const text = ts.displayPartsToString(parts).replace(/\{@link (\w+)\}/g, '`$1`')
      const comment = new Comment([{ kind: 'text', text }])
      for (const { name: tag, text } of found.getJsDocTags(checker))
        if (tag === 'returns' || tag === 'throws') add(comment, `@${tag}`, ts.displayPartsToString(text))
      const [call] = checker.getTypeOfSymbol(found).getCallSignatures()
      const signature = checker.signatureToString(call, undefined, ts.TypeFormatFlags.NoTruncation)
      complete(comment, familyOf(name, relative(root, source)), signature)
      return comment
    }
  }
  return undefined
}

/** @type {(comment: Comment, tag: `@${string}`, text: string) => void} */
const add = (comment, tag, text) => void comment.blockTags.push(new CommentTag(tag, [{ kind: 'text', text }]))

/**
 * Add what all functions of a family have in common: the shape of the result, and what they refuse, after what is said
 * of the one.
 * @param {Comment} comment
 * @param {string} key
 * @param {string} signature
 */
function complete(comment, key, signature) {
  const own = comment.getTags('@throws')
  comment.removeTags('@throws')
  const returns = returnsOf(key, signature)
  if (returns && !comment.getTag('@returns')) add(comment, '@returns', returns)
  comment.blockTags.push(...own)
  for (const text of throwsOf(key, signature)) add(comment, '@throws', text)
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
 * What TypeDoc cannot know: `@file` heads a module, `@param a,b` describes both, overloads share a docstring, a method
 * of Tensor is the op of its name, the families of the tables of ops are the categories here, and what all ops have in
 * common is said once.
 * @param {import('typedoc').Application} app
 */
function reference(app) {
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
    for (const one of functions) {
      const file = project.getSymbolIdFromReflection(one)?.packagePath ?? ''
      for (const signature of one.signatures ?? []) {
        const { comment } = signature
        if (!comment) continue
        const key = familyOf(one.name, file)
        add(comment, '@category', family(key).title)
        complete(comment, key, parameters(signature))
      }
    }
    for (const method of project.getChildByName('Tensor')?.children ?? []) {
      // What src/methods.ts declares itself has a docstring there; the parameters of all have lost their names
      if (method.kindOf(ReflectionKind.Property)) method.comment?.removeTags('@param')
      const ofOps = /\b(ops|autograd)\//.test(project.getSymbolIdFromReflection(method)?.packagePath ?? '')
      const own = ofOps ? docstring(programs, method.name) : undefined
      if (!own) continue
      const shared = functions.find(({ name }) => name === method.name)?.signatures?.[0].comment?.clone()
      method.comment = shared ?? own
      method.comment.removeTags('@param')
      method.comment.removeTags('@category')
    }
  })
}

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  entryPoints: ['src/entries.ts'],
  tsconfig: 'tsconfig.build.json',
  out: 'docs/api',
  readme: 'README.md',
  excludePrivate: true,
  excludeInternal: true,
  disableSources: true,
  plugin: [reference],
  blockTags: [...OptionDefaults.blockTags, '@file'],
  categoryOrder: [...familyOrder.map((key) => family(key).title), '*'],
  navigation: { includeCategories: true, includeGroups: true },
  requiredToBeDocumented: ['Function', 'Class', 'Interface'],
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  // How the engine works inside is ARCHITECTURE.md's
  intentionallyNotExported: [
    ...['AnySpec', 'Bare', 'Code', 'Edge', 'Handle', 'InputRules', 'Meta', 'Node', 'SavedBy'],
    ...['Saves', 'Scope', 'Storage', 'Ticket', 'TypedKernel', 'methods'],
    ...['Integers', 'Nest', 'Parts', 'Phi', 'Several', 'Tensors', 'Transformer', 'WebGPUBlock'],
    ...['AnyTransform', 'Arrays', 'Batch', 'Dict', 'Learned', 'Out', 'Pair', 'Philox', 'Standing', 'Step', 'Terminal'],
    ...['Counted', 'OriginInput', 'Source', 'codes'],
    ...['Amounts', 'Config', 'Decoder', 'Float16', 'Text', 'WholeLlama', 'optimizers'],
  ],
  treatWarningsAsErrors: true,
}
