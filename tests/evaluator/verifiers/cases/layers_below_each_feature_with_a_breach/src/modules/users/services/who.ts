export const who = () => true;
