/** @file Classes as numbers: by their position in a list, and as columns of zeros and ones. As scikit-learn has them. */
import { describe, fail } from '../../core/errors.ts'
import { checkWord } from '../../ops/base/arguments.ts'
import { optionsOf } from '../../ops/base/options.ts'
import { byOrder, type Cell, type Cells, checkClasses, columnOf, failCell, type Matrix, tableOf } from './table.ts'
import { type Learned, Transform } from './transform.ts'

/** Classes of one column: text, numbers or booleans. */
type Classes = readonly Cell[]

/** The different values of a column, sorted: numbers by size, text by its UTF-16 units. */
function classesOf(where: string, column: readonly Cell[], c?: number): Cell[] {
  checkClasses(where, column, c)
  return [...new Set(column)].sort(byOrder)
}

/** Positions by class. */
const positions = (classes: Classes): Map<Cell, number> => new Map(classes.map((value, k) => [value, k]))

const known = (classes: Classes): string =>
  `fit saw ${classes.slice(0, 10).map(describe).join(', ')}${classes.length > 10 ? ', …' : ''}`

/** Labels as integers from 0 on: positions in the sorted list of classes, for targets. */
export class LabelEncoder extends Transform<ArrayLike<Cell>, Int32Array> {
  constructor() {
    super('LabelEncoder', ['classes'])
  }

  /** The classes, sorted. @throws HandgradError before `fit` */
  get classes(): readonly Cell[] {
    return this.got('classes', 'classes')
  }

  protected learn(where: string, labels: ArrayLike<Cell>): Learned {
    return { classes: classesOf(where, listOf(where, labels)) }
  }

  /** The position of each label. @throws HandgradError before `fit`, or at a label that it did not see, with its row */
  transform(labels: ArrayLike<Cell>): Int32Array {
    const where = 'LabelEncoder.transform'
    const classes = this.got<Classes>('transform', 'classes')
    const at = positions(classes)
    return Int32Array.from(listOf(where, labels), (label, i) => {
      return at.get(label) ?? failCell(where, i, undefined, label, known(classes))
    })
  }

  /** The labels at positions. @throws HandgradError before `fit`, or at a position that there is not, with its row */
  override inverseTransform(positions: ArrayLike<number>): Cell[] {
    const where = 'LabelEncoder.inverseTransform'
    const classes = this.got<Classes>('inverseTransform', 'classes')
    return listOf(where, positions).map((k, i) => {
      const label = classes[k as number]
      return label ?? failCell(where, i, undefined, k, `give integers from 0 to ${classes.length - 1}`)
    })
  }
}

function listOf(where: string, labels: ArrayLike<Cell>): Cell[] {
  if ((Array.isArray(labels) || ArrayBuffer.isView(labels)) && labels.length) return Array.from(labels)
  return fail(where, `labels are ${describe(labels)}`, 'give an array of one or more')
}

/** Options of {@link OneHotEncoder}. */
export interface OneHotEncoderOptions {
  /** The classes of each column, in the order of their columns in the result. Default: those of `fit`, sorted. */
  categories?: readonly (readonly Cell[])[]
  /** Leave out each column's first class, or that of columns with two, which follows from the others. Default: null. */
  drop?: 'first' | 'ifBinary' | null
  /** A class that `fit` did not see: refused, or zeros only. Default: 'error'. */
  handleUnknown?: 'error' | 'ignore'
}

/**
 * One column of zeros and ones for each class of each column. For classes that are integers on a device there is
 * `oneHot`.
 */
export class OneHotEncoder extends Transform<Cells, Matrix> {
  readonly #given: readonly Classes[] | undefined
  readonly #drop: OneHotEncoderOptions['drop']
  readonly #ignore: boolean

  /** @throws HandgradError if categories are not lists, or another option is none of its words */
  constructor(options?: OneHotEncoderOptions) {
    const op = 'OneHotEncoder'
    super(op, ['categories'])
    const { categories, drop, handleUnknown } = optionsOf(op, options, {
      categories: undefined,
      drop: null,
      handleUnknown: 'error',
    })
    if (drop !== null) checkWord(op, 'drop', drop, ['first', 'ifBinary'])
    checkWord(op, 'handleUnknown', handleUnknown, ['error', 'ignore'])
    if (categories !== undefined && !(Array.isArray(categories) && categories.every(Array.isArray)))
      fail(op, `categories are ${describe(categories)}`, 'give a list for each column')
    for (const [c, one] of (categories ?? []).entries()) {
      if (classesOf(op, one, c).length < one.length) fail(op, `categories[${c}] has a class twice`)
    }
    this.#given = categories
    this.#drop = drop
    this.#ignore = handleUnknown === 'ignore'
  }

  /** The classes of each column. @throws HandgradError before `fit` */
  get categories(): readonly (readonly Cell[])[] {
    return this.got('categories', 'categories')
  }

  protected learn(where: string, x: Cells): Learned {
    const table = tableOf(where, x, this.#given?.length)
    const found = Array.from({ length: table.columns }, (_, c) => classesOf(where, columnOf(table, c), c))
    if (this.#given && !this.#ignore) this.#encode(where, table.cells, this.#given)
    return { categories: this.#given ?? found }
  }

  /**
   * Rows of zeros and ones, in float64.
   * @param x  [rows, columns] on the host
   * @throws HandgradError before `fit`, if the columns are others than it saw, or at a class that it did not see, with
   *   its row and column
   */
  transform(x: Cells): Matrix {
    const where = 'OneHotEncoder.transform'
    const categories = this.got<readonly Classes[]>('transform', 'categories')
    const { cells } = tableOf(where, x, categories.length)
    return this.#encode(where, cells, categories)
  }

  #encode(where: string, cells: ArrayLike<Cell>, categories: readonly Classes[]): Matrix {
    const columns = categories.length
    const maps = categories.map(positions)
    const { starts, width } = this.#places(categories)
    const rows = cells.length / columns
    const data = new Float64Array(rows * width)
    for (let i = 0; i < cells.length; i++) {
      const c = i % columns
      const r = Math.floor(i / columns)
      const k = maps[c].get(cells[i])
      if (k === undefined && !this.#ignore) failCell(where, r, c, cells[i], known(categories[c]))
      // Before the start of its columns stands the class that is left out.
      if (k !== undefined && k >= this.#left(categories[c])) data[r * width + starts[c] + k] = 1
    }
    return { data, shape: [rows, width] }
  }

  /** How many classes of a column are left out: the first one, or none. */
  #left(classes: Classes): number {
    return this.#drop === 'first' || (this.#drop && classes.length === 2) ? 1 : 0
  }

  /** Where class 0 of each column would stand in a row. */
  #places(categories: readonly Classes[]): { starts: readonly number[]; width: number } {
    let width = 0
    const starts = categories.map((classes) => {
      const start = width - this.#left(classes)
      width = start + classes.length
      return start
    })
    return { starts, width }
  }

  /**
   * The classes again; null where a class was unknown.
   * @param x  rows of zeros and ones, or of scores: the largest one is taken
   * @throws HandgradError before `fit`, or if x has other columns than {@link transform} gives, or zeros only for a
   *   column without a class left out, and unknown ones are not ignored
   */
  override inverseTransform(x: Cells): Cell[][] {
    const where = 'OneHotEncoder.inverseTransform'
    const categories = this.got<readonly Classes[]>('inverseTransform', 'categories')
    const { starts, width } = this.#places(categories)
    const { cells, rows } = tableOf(where, x, width)
    return Array.from({ length: rows }, (_, r) =>
      categories.map((classes, c) => {
        const left = this.#left(classes)
        const from = r * width + starts[c]
        const scores = classes.slice(left).map((_, k) => Number(cells[from + left + k]))
        const most = scores.reduce((a, b) => Math.max(a, b), 0)
        if (most > 0) return classes[left + scores.indexOf(most)]
        if (left || this.#ignore) return left ? classes[0] : null
        return fail(where, `row ${r} has zeros only for column ${c}`, "give handleUnknown: 'ignore'")
      }),
    )
  }

  /** Names of the columns that {@link transform} gives: `kind_cat`. @param columns default: x0, x1, … */
  featureNames(columns?: readonly string[]): string[] {
    return this.got<readonly Classes[]>('featureNames', 'categories').flatMap((classes, c) =>
      classes.slice(this.#left(classes)).map((value) => `${columns?.[c] ?? `x${c}`}_${value}`),
    )
  }
}
