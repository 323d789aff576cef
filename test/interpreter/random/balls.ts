export interface Ball {
  readonly x: number
  readonly error: number
}
