/**
 * @file The tree of a program. The parser makes it; what the checker fills in is marked so, and is there in every tree
 * that `check` returns.
 * Source: WGSL, https://www.w3.org/TR/WGSL/, whose terms the names are.
 */
import type { Source } from './source.ts'
import type { Access, Space, Struct, Type } from './types.ts'

export interface Node {
  /** The offset in the source's text where it begins. */
  readonly at: number
}

/**
 * A value that is known before the program runs. A bool is a boolean, abstract-int a bigint, any other number a number,
 * one that its type has (f32 and f16 are rounded). Vectors, matrices (by column), arrays and structs are lists.
 */
export type Constant = boolean | number | bigint | readonly Constant[]

/** When the value of an expression is known: in the text, when a pipeline is made, or when a thread runs. */
export type Stage = 'const' | 'override' | 'runtime'

// ---- expressions

export interface Typed extends Node {
  /**
   * Filled in: its type. A variable's is a reference, which is loaded where a value is wanted. After the check no type
   * is abstract but that of a constant which is not used in a value (in `const_assert`, in a type, as an attribute).
   */
  type?: Type
  /** Filled in. */
  stage?: Stage
  /** Filled in: the value, of a const-expression. */
  value?: Constant
}

/** `1u`, `0x1p4f`, `true`; the parser knows type and value. */
export interface Literal extends Typed {
  readonly kind: 'literal'
  readonly text: string
}
/** `x`; also names of types, with what they are made of: `vec4<f32>`. */
export interface Identifier extends Typed {
  readonly kind: 'identifier'
  readonly name: string
  /** What stands between `<` and `>`, if that is there. */
  readonly template?: readonly Expression[]
  /** Filled in, where it is the name of something declared. */
  target?: Target
  /** Filled in, where it is the name of a type. */
  denotes?: Type
}
export interface Unary extends Typed {
  readonly kind: 'unary'
  readonly operator: UnaryOperator
  readonly operand: Expression
}
export interface Binary extends Typed {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  /** Where the operator stands. */
  readonly operatorAt: number
  readonly left: Expression
  readonly right: Expression
}
export interface Call extends Typed {
  readonly kind: 'call'
  readonly callee: Identifier
  readonly args: readonly Expression[]
  /** Filled in. */
  meaning?: Meaning
}
/** `of[index]` */
export interface Index extends Typed {
  readonly kind: 'index'
  readonly of: Expression
  readonly index: Expression
}
/** `of.name`: a struct's member, or components of a vector. */
export interface MemberAccess extends Typed {
  readonly kind: 'member'
  readonly of: Expression
  readonly name: string
  /** Where the name stands. */
  readonly nameAt: number
  /** Filled in: the number of the member, or of each component. */
  indices?: readonly number[]
}

export type Expression = Literal | Identifier | Unary | Binary | Call | Index | MemberAccess

export type UnaryOperator = '-' | '!' | '~' | '&' | '*'
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>'
export type BinaryOperator = ArithmeticOperator | '&&' | '||' | '==' | '!=' | '<' | '<=' | '>' | '>='

/** What a call does. */
export type Meaning =
  | { readonly kind: 'function'; readonly target: FunctionDeclaration }
  /** A builtin function; `params` are the types that the arguments are converted to. */
  | { readonly kind: 'builtin'; readonly name: string; readonly params: readonly Type[] }
  /** `vec4<f32>(…)`, `Light(…)`, `u32(x)`: a value of the call's type, from its parts, another value or nothing. */
  | { readonly kind: 'constructor' }

// ---- statements

export interface Block extends Node {
  readonly kind: 'block'
  readonly body: readonly Statement[]
  readonly attributes: readonly Attribute[]
  /** Where its closing brace stands. */
  readonly end: number
}
/** `target = value`, `target += value`; `_ = value` has no target. */
export interface Assign extends Node {
  readonly kind: 'assign'
  readonly target: Expression | undefined
  readonly operator: ArithmeticOperator | undefined
  readonly value: Expression
}
/** `target++`, `target--` */
export interface Step extends Node {
  readonly kind: 'step'
  readonly target: Expression
  readonly by: 1 | -1
}
export interface CallStatement extends Node {
  readonly kind: 'call-statement'
  readonly call: Call
}
export interface If extends Node {
  readonly kind: 'if'
  readonly condition: Expression
  readonly then: Block
  readonly else: If | Block | undefined
  readonly attributes: readonly Attribute[]
}
export interface Case extends Node {
  /** Values; `default` is among them as such. */
  readonly selectors: readonly (Expression | 'default')[]
  readonly body: Block
}
export interface Switch extends Node {
  readonly kind: 'switch'
  readonly on: Expression
  readonly cases: readonly Case[]
  readonly attributes: readonly Attribute[]
  /** Of its body, before the brace. */
  readonly bodyAttributes: readonly Attribute[]
}
export interface Loop extends Node {
  readonly kind: 'loop'
  readonly body: Block
  readonly continuing: Continuing | undefined
  readonly attributes: readonly Attribute[]
}
export interface Continuing extends Node {
  readonly body: Block
  readonly breakIf: Expression | undefined
}
export interface For extends Node {
  readonly kind: 'for'
  readonly first: Statement | undefined
  readonly condition: Expression | undefined
  readonly next: Statement | undefined
  readonly body: Block
  readonly attributes: readonly Attribute[]
}
export interface While extends Node {
  readonly kind: 'while'
  readonly condition: Expression
  readonly body: Block
  readonly attributes: readonly Attribute[]
}
export interface Jump extends Node {
  readonly kind: 'break' | 'continue' | 'discard'
}
export interface Return extends Node {
  readonly kind: 'return'
  readonly value: Expression | undefined
}

export type Statement =
  | Block
  | Variable
  | Assign
  | Step
  | CallStatement
  | If
  | Switch
  | Loop
  | For
  | While
  | Jump
  | Return
  | ConstAssert

// ---- declarations

/** `@name(args)` */
export interface Attribute extends Node {
  readonly name: string
  readonly args: readonly Expression[]
}

/** `var`, `let`, `const` and `override`, in a function or outside. */
export interface Variable extends Node {
  readonly kind: 'variable'
  readonly form: 'var' | 'let' | 'const' | 'override'
  readonly name: string
  readonly nameAt: number
  /** What stands between `<` and `>` after `var`: space and access. */
  readonly template: readonly Expression[]
  readonly written: Expression | undefined
  readonly initializer: Expression | undefined
  readonly attributes: readonly Attribute[]
  /** Filled in: the type of what it holds; with what follows for a `var`. */
  type?: Type
  space?: Space
  access?: Access
  /** Filled in, of `@group(g) @binding(b)`. */
  group?: number
  binding?: number
  /** Filled in, of an override with `@id(n)`. */
  id?: number
  /** Filled in: the value, of a `const`. */
  value?: Constant
}
export interface Param extends Node {
  readonly kind: 'param'
  readonly name: string
  readonly written: Expression
  readonly attributes: readonly Attribute[]
  /** Filled in. */
  type?: Type
}
export interface FunctionDeclaration extends Node {
  readonly kind: 'function'
  readonly name: string
  readonly nameAt: number
  readonly params: readonly Param[]
  readonly written: Expression | undefined
  readonly resultAttributes: readonly Attribute[]
  readonly body: Block
  readonly attributes: readonly Attribute[]
  /** Filled in: the type of what it returns, `none` if it returns nothing. */
  result?: Type
  /** Filled in, of an entry point: its `@workgroup_size`, three expressions, which overrides may be in. */
  workgroupSize?: readonly (Expression | 1)[]
  /**
   * Filled in: what it calls, and the variables and overrides of the module that it names, itself or by what it calls.
   */
  calls?: ReadonlySet<FunctionDeclaration>
  uses?: ReadonlySet<Variable>
}
export interface MemberDeclaration extends Node {
  readonly name: string
  readonly written: Expression
  readonly attributes: readonly Attribute[]
}
export interface StructDeclaration extends Node {
  readonly kind: 'struct'
  readonly name: string
  readonly nameAt: number
  readonly members: readonly MemberDeclaration[]
  /** Filled in. */
  type?: Struct
}
export interface Alias extends Node {
  readonly kind: 'alias'
  readonly name: string
  readonly nameAt: number
  readonly written: Expression
  /** Filled in. */
  type?: Type
}
export interface ConstAssert extends Node {
  readonly kind: 'const-assert'
  readonly condition: Expression
}

export type Declaration = Variable | FunctionDeclaration | StructDeclaration | Alias | ConstAssert
/** What a name may stand for. */
export type Target = Variable | Param | FunctionDeclaration | StructDeclaration | Alias

/** `enable f16;`, `requires …;`, `diagnostic(off, …);` */
export interface Directive extends Node {
  readonly kind: 'enable' | 'requires' | 'diagnostic'
  readonly names: readonly string[]
}

export interface Module {
  readonly source: Source
  readonly directives: readonly Directive[]
  /** As they stand in the text. */
  readonly declarations: readonly Declaration[]
}
