export const rows = async () => (await import('../routes/articles.js')).router;
