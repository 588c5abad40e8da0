export type Tag = ReturnType<typeof import('../routes/articles')['router']['get']>;
