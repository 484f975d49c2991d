"""Starts Goshawk beside a camera node: ros2 launch ./goshawk.launch.py model:=/opt/models/street image:=/camera/image_raw"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, ExecuteProcess
from launch.substitutions import LaunchConfiguration


def generate_launch_description():
    return LaunchDescription([
        DeclareLaunchArgument('model', description='folder of the model bundle'),
        DeclareLaunchArgument('image', default_value='/camera/image_raw'),
        DeclareLaunchArgument('node', default_value='/goshawk'),
        ExecuteProcess(
            cmd=[
                'goshawk', 'run',
                '--model', LaunchConfiguration('model'),
                '--source', ['ros:', LaunchConfiguration('image')],
                '--ros-node', LaunchConfiguration('node'),
                '--publish', 'ros',
            ],
            output='screen',
        ),
    ])
