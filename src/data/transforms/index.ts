/** @file What `handgrad` exports of transforms that are fitted to tables. */
export { DropDuplicates, type DropDuplicatesOptions } from './duplicates.ts'
export { LabelEncoder, OneHotEncoder, type OneHotEncoderOptions } from './encoders.ts'
export { SimpleImputer, type SimpleImputerOptions } from './imputer.ts'
export { Pipeline } from './pipeline.ts'
export { MinMaxScaler, type MinMaxScalerOptions, StandardScaler, type StandardScalerOptions } from './scalers.ts'
export type { Cell, Cells, Matrix, Numbers } from './table.ts'
export { Transform, type TransformState } from './transform.ts'
