import dspy


class Support(dspy.Module):
    def __init__(self) -> None:
        super().__init__()
        self.summarize = dspy.Predict("message -> problem")
        self.route = dspy.Predict(dspy.Signature("problem -> team", "Decide which team answers."))

    def forward(self, message: str) -> dspy.Prediction:
        return self.route(problem=self.summarize(message=message).problem)


def metric(gold, pred, trace=None, pred_name=None, pred_trace=None):
    right = gold.team == pred.team
    return dspy.Prediction(score=float(right), feedback="Right." if right else f"It is {gold.team}: {gold.why}")
