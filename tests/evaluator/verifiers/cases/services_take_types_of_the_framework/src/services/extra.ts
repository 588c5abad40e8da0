import type { Request } from 'express';

export const user = (request: Request) => request.headers;
