// Around: ws

export { serveWebSocket, type WebSocketOptions, type WebSocketService } from './server.ts';
