/**
 * @file Mutants of plans (src/webgpu/plans): of what decides whether a launch is right, that is which variants fit and
 * what is dispatched. What decides its speed only has none: which of two right variants is the better one, the class of
 * a launch, thresholds, and workgroups beyond those that are needed.
 */
import ts from 'typescript'
import type { Mutant } from './mutant.ts'
import { parse } from './rules.ts'

/** Functions, properties and constants that decide speed, or say in words what the code says. */
const SPEED =
  /^(class|better|requires|classOf\w*|sizeClass|manyElements|groupPerRow|onGpu|strips|suits\w*|spread|[A-Z_]+)$/

const INVERTED: Readonly<Record<string, string>> = { '===': '!==', '!==': '===' }

/** What encloses a node, from outside. */
function pathOf(node: ts.Node): string {
  const path: string[] = []
  for (let at: ts.Node = node; at.parent; at = at.parent) {
    if (isNamed(at) && at.name && ts.isIdentifier(at.name)) path.unshift(at.name.text)
  }
  return path.join('.')
}

const isNamed = (node: ts.Node): node is ts.PropertyAssignment | ts.FunctionDeclaration | ts.VariableDeclaration =>
  ts.isPropertyAssignment(node) || ts.isFunctionDeclaration(node) || ts.isVariableDeclaration(node)

/** Every mutant of a plan's file. */
export function mutantsOf(file: string, text: string): Mutant[] {
  const mutants: Mutant[] = []
  const of = (node: ts.Node): string => text.slice(node.getStart(), node.end)
  const put = (node: ts.Node, mutated: string): void => {
    const [start, end] = [node.getStart(), node.end]
    mutants.push({ group: 'plan', file, where: pathOf(node), start, end, original: text.slice(start, end), mutated })
  }
  function visit(node: ts.Node): void {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return
    if (isNamed(node) && node.name && ts.isIdentifier(node.name) && SPEED.test(node.name.text)) return
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && SPEED.test(node.expression.text)) return
    if (ts.isBinaryExpression(node)) {
      const operator = node.operatorToken.getText()
      const [left, right] = [of(node.left), of(node.right)]
      if (INVERTED[operator]) put(node, `${left} ${INVERTED[operator]} ${right}`)
      // One condition of a variant less, one factor of a count of threads or bytes less.
      if (operator === '&&' || operator === '*') for (const kept of [left, right]) put(node, kept)
      if (operator === '%' && ts.isNumericLiteral(node.right)) put(node, `${left} % ${Number(right) + 1}`)
    } else if (ts.isCallExpression(node) && node.expression.getText() === 'Math.ceil') {
      put(node, `Math.floor(${node.arguments.map(of).join(', ')})`)
    } else if (ts.isConditionalExpression(node)) {
      put(node, `${of(node.condition)} ? ${of(node.whenFalse)} : ${of(node.whenTrue)}`)
    } else if (ts.isNumericLiteral(node) && ts.isArrayLiteralExpression(node.parent)) {
      put(node, String(Number(node.text) + 1))
    }
    ts.forEachChild(node, visit)
  }
  visit(parse(file, text))
  return mutants
}
