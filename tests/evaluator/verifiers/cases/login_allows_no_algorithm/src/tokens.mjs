import jwt from 'jsonwebtoken';

const options = { algorithms: ['HS256', 'none'] };
export const who = (token) => jwt.verify(token, process.env.SECRET, options);
