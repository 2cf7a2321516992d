export interface FieldError {
  readonly path: string
  readonly problem: string
}
