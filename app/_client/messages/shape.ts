/** A catalogue in the second language must have exactly the keys of the first: one missing or too many fails the build. */
export type Shape<T> = { readonly [K in keyof T]: T[K] extends string ? string : Shape<T[K]> };
