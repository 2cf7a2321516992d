import AjvCompiler, { type BuildCompilerFromPool } from '@fastify/ajv-compiler'

type Validate = ((data: unknown) => unknown) & { errors?: unknown }

/**
 * Compiles the schema of a route when the first request comes to it: compiling all of them is a quarter of a second of
 * every start, and most servers need few. A schema that can't be compiled is found by the tests, which ask every route.
 */
export function createLazyValidators(): BuildCompilerFromPool {
  const build = AjvCompiler()
  return (schemas, options) => {
    const compile = build(schemas, options) as unknown as (route: unknown) => Validate
    const lazily = (route: unknown): Validate => {
      let compiled: Validate | undefined
      const validate: Validate = (data) => {
        compiled ??= compile(route)
        const result = compiled(data)
        validate.errors = compiled.errors
        return result
      }
      return validate
    }
    return lazily as unknown as ReturnType<BuildCompilerFromPool>
  }
}
