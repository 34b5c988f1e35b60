/// A running task, for those who may have to cancel it from outside.
///
/// `@unchecked Sendable` holds because `cancel` is the only thing done with it, which is safe from anywhere
/// (`UnsafeCurrentTask`); whoever hands it out sees to it that nobody uses it after the task's end.
struct CancellableTask: @unchecked Sendable {
    private let task: UnsafeCurrentTask

    init(_ task: UnsafeCurrentTask) {
        self.task = task
    }

    func cancel() {
        task.cancel()
    }
}
