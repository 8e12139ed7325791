import NIOCore

/// Hands the end of a connection on one turn of the event loop later.
///
/// A short command's whole session, the end of the connection included, may come in the same read as the server's
/// agreement to the upgrade. NIO's HTTP decoder hands the bytes behind the agreement on when it leaves the pipeline,
/// which is the next turn of the loop, and drops them when it has seen the end by then.
final class DelayedEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    func channelInactive(context: ChannelHandlerContext) {
        later(context) { $0.fireChannelInactive() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event as? ChannelEvent == .inputClosed else { return context.fireUserInboundEventTriggered(event) }
        later(context) { $0.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
    }

    /// An error, too, is an end: TLS that broke off without a farewell.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        later(context) { $0.fireErrorCaught(error) }
    }

    private func later(_ context: ChannelHandlerContext, _ pass: @escaping @Sendable (ChannelHandlerContext) -> Void) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.execute { pass(bound.value) }
    }
}
