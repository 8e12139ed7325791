/// autoscaling/v1 and v2: numbers of replicas, and what changes them.
enum AutoscalingTable {
    static let text = #"""
        @io.k8s.api.autoscaling.v1
        Scale kind=autoscaling/v1 : How many replicas something has.
          spec ScaleSpec default={} : How many are wanted.
          status ScaleStatus default={} : How many there are.
        ScaleSpec : How many are wanted.
          replicas int32 : How many.
        ScaleStatus : How many there are.
          replicas! int32 : How many.
          selector str : The pods, as a query.
        HorizontalPodAutoscaler kind=autoscaling/v1 : Changes replicas with the load.
          spec HorizontalPodAutoscalerSpec default={} : Of what, and how far.
          status HorizontalPodAutoscalerStatus default={} : What it does.
        HorizontalPodAutoscalerSpec : Of what, and how far.
          scaleTargetRef! CrossVersionObjectReference : What is scaled.
          minReplicas int32 : The least.
          maxReplicas! int32 : The most.
          targetCPUUtilizationPercentage int32 : The load aimed at.
        HorizontalPodAutoscalerStatus : What it does.
          observedGeneration int64 : The generation this is about.
          lastScaleTime Time : When it last changed something.
          currentReplicas! int32 : How many there are.
          desiredReplicas! int32 : How many there should be.
          currentCPUUtilizationPercentage int32 : The load.
        CrossVersionObjectReference atomic : An object of the same namespace.
          kind! str : Its kind.
          name! str : Its name.
          apiVersion str : Its API version.
        @io.k8s.api.autoscaling.v2
        v2/HorizontalPodAutoscaler kind=autoscaling/v2 : Changes replicas with any metric.
          spec v2/HorizontalPodAutoscalerSpec default={} : Of what, and how far.
          status v2/HorizontalPodAutoscalerStatus default={} : What it does.
        v2/HorizontalPodAutoscalerSpec : Of what, and how far.
          scaleTargetRef! v2/CrossVersionObjectReference : What is scaled.
          minReplicas int32 default=1 : The least.
          maxReplicas! int32 : The most.
          metrics [MetricSpec] atomic : What is measured.
          behavior HorizontalPodAutoscalerBehavior : How fast.
        v2/HorizontalPodAutoscalerStatus : What it does.
          observedGeneration int64 : The generation this is about.
          lastScaleTime Time : When it last changed something.
          currentReplicas int32 : How many there are.
          desiredReplicas! int32 : How many there should be.
          currentMetrics [MetricStatus] atomic : What was measured.
          conditions [HorizontalPodAutoscalerCondition] map=type merge=type : Aspects.
        v2/CrossVersionObjectReference : An object of the same namespace.
          kind! str : Its kind.
          name! str : Its name.
          apiVersion str : Its API version.
        HorizontalPodAutoscalerCondition : One aspect.
          type! str : What it is about.
          status! str : True, False or Unknown.
          lastTransitionTime Time nullable : When it last changed.
          reason str : One word.
          message str : A sentence.
        HorizontalPodAutoscalerBehavior : How fast replicas change.
          scaleUp HPAScalingRules : Upwards.
          scaleDown HPAScalingRules : Downwards.
        HPAScalingRules : How fast replicas change in one direction.
          stabilizationWindowSeconds int32 : Seconds of earlier wishes that count.
          selectPolicy str : Max, Min or Disabled.
          policies [HPAScalingPolicy] atomic : Bounds of one change.
          tolerance Quantity : How far off the load may be.
        HPAScalingPolicy : A bound of one change.
          type! str : Pods or Percent.
          value! int32 : How many.
          periodSeconds! int32 : In how long.
        MetricSpec : Something measured, and what it should be.
          type! str : Which of the others is filled in.
          object ObjectMetricSource : About one object.
          pods PodsMetricSource : About every pod.
          resource ResourceMetricSource : Processor or memory of the pods.
          containerResource ContainerResourceMetricSource : Processor or memory of one container of the pods.
          external ExternalMetricSource : About something outside the cluster.
        ObjectMetricSource : About one object.
          describedObject! v2/CrossVersionObjectReference default={} : The object.
          target! MetricTarget default={} : What it should be.
          metric! MetricIdentifier default={} : What is measured.
        PodsMetricSource : About every pod.
          metric! MetricIdentifier default={} : What is measured.
          target! MetricTarget default={} : What it should be.
        ResourceMetricSource : Processor or memory of the pods.
          name! str : The resource.
          target! MetricTarget default={} : What it should be.
        ContainerResourceMetricSource : Processor or memory of one container of the pods.
          name! str : The resource.
          target! MetricTarget default={} : What it should be.
          container! str : The container.
        ExternalMetricSource : About something outside the cluster.
          metric! MetricIdentifier default={} : What is measured.
          target! MetricTarget default={} : What it should be.
        MetricIdentifier : What is measured.
          name! str : Its name.
          selector LabelSelector : Only series with such labels.
        MetricTarget : What a metric should be.
          type! str : Utilization, Value or AverageValue.
          value Quantity : The whole.
          averageValue Quantity : For each pod.
          averageUtilization int32 : Percent of what the pods asked for.
        MetricStatus : Something that was measured.
          type! str : Which of the others is filled in.
          object ObjectMetricStatus : About one object.
          pods PodsMetricStatus : About every pod.
          resource ResourceMetricStatus : Processor or memory of the pods.
          containerResource ContainerResourceMetricStatus : Processor or memory of one container of the pods.
          external ExternalMetricStatus : About something outside the cluster.
        ObjectMetricStatus : Measured about one object.
          metric! MetricIdentifier default={} : What was measured.
          current! MetricValueStatus default={} : What it was.
          describedObject! v2/CrossVersionObjectReference default={} : The object.
        PodsMetricStatus : Measured about every pod.
          metric! MetricIdentifier default={} : What was measured.
          current! MetricValueStatus default={} : What it was.
        ResourceMetricStatus : Processor or memory of the pods.
          name! str : The resource.
          current! MetricValueStatus default={} : What it was.
        ContainerResourceMetricStatus : Processor or memory of one container of the pods.
          name! str : The resource.
          current! MetricValueStatus default={} : What it was.
          container! str : The container.
        ExternalMetricStatus : Measured outside the cluster.
          metric! MetricIdentifier default={} : What was measured.
          current! MetricValueStatus default={} : What it was.
        MetricValueStatus : What a metric was.
          value Quantity : The whole.
          averageValue Quantity : For each pod.
          averageUtilization int32 : Percent of what the pods asked for.
        """#
}
